"""The trail: one entry in the transaction of each act, chained and rooted outside the database. No pages.

Nouns: Entry, Seal, root. Doors: `actions.record()`, `record_refusal()`, `circumstances()`; `queries.history_of()`.
"""
