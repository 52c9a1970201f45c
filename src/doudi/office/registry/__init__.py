"""Who lives where and what is known of them, from which source, since when.

Nouns: Area, Identity, Person, Household, Membership, Observation, Source, Batch. Doors: in `actions` `load_areas()`,
`import_batch()`, `accept()`, `undo()`; `importers.register(kind, accept, undo)`; in `queries` `household(id, as_of=)`,
`search(text)`, `snapshot_rows(area, as_of)`.
"""
