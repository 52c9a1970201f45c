"""Who lives where and what is known of them, from which source, since when.

Nouns: Area, Identity, Person, Household, Observation, Source, Batch. Doors: `import_batch()`,
`importers.register(kind, accept, undo)`, `household(id, as_of=)`.
"""
