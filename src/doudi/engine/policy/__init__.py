"""The law as data: pack files in, a checked immutable model out; no SQL, no execution.

Nouns: Pack, Plan, Expr. Doors: `load(path, overlays) → Pack`, which raises `Refused` with all faults,
`plan(pack, as_of, areas) → Plan`.
The language is docs/packs.md; every fault of a pack is reported at once.
"""

from __future__ import annotations

from doudi.engine.policy.archive import archive, locate, read_folder, shipped, shipped_names
from doudi.engine.policy.loader import load, load_archive
from doudi.engine.policy.plan import plan

__all__ = ["archive", "load", "load_archive", "locate", "plan", "read_folder", "shipped", "shipped_names"]
