"""The web application: one Django app per room, order in docs/decisions/0001-rooms-and-seams.md."""
