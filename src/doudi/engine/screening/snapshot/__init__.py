"""The snapshot format: a population as files, checked whole before anybody is screened.

Nouns: Snapshot, Table. Doors: `read(path, pack) → Snapshot`, which raises Refused with every fault at once;
`pack_of(path)`, the name of the pack it was made for.
"""

from __future__ import annotations

from doudi.engine.screening.snapshot.manifest import pack_of
from doudi.engine.screening.snapshot.reading import Snapshot, Table, read

__all__ = ["Snapshot", "Table", "pack_of", "read"]
