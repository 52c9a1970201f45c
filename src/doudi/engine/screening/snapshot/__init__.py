"""The snapshot format: a population as files, checked whole before anybody is screened.

Nouns: Snapshot, Table. Door: `read(path, pack) → Snapshot`, which raises Refused with every fault at once.
"""

from __future__ import annotations

from doudi.engine.screening.snapshot.reading import Snapshot, Table, read

__all__ = ["Snapshot", "Table", "read"]
