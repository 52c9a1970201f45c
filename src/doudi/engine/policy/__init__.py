"""The law as data: pack files in, a checked immutable model out; no SQL, no execution.

Nouns: Pack, Plan, Fault, Expr. Doors: `load(path, overlays) → Pack | Faults`, `plan(pack, as_of, areas) → Plan`.
The language is docs/packs.md; every fault of a pack is reported at once.
"""
