"""The clerk's desk: today, search, the one-household page; owns nothing, asks each room's panel and timeline."""
