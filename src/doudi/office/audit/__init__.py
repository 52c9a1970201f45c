"""The trail: one entry in the transaction of each act, chained and rooted outside the database. No pages.

Nouns: Entry, Seal. Doors: `record()`, `history_of(subject, scope=)`, `verify()`.
"""
