"""Work that happens later: rows in the caller's transaction, run by one worker under a renewed lease.

Nouns: Job, Task. Doors: `actions.later("room.task", id)`, the decorator `actions.task`.
"""
