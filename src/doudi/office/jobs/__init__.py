"""Work that happens later: rows in the caller's transaction, run by one worker under a renewed lease.

Nouns: Job. Doors: `later("room.task", id)`, the decorator `@task`.
"""
