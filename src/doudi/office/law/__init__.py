"""The packs this office uses: editions by hash, the calendar, local values.

Nouns: PackEdition. Doors: `install()`, `activate()`, `edition_for(area, on)`.
"""
