"""Which files of a snapshot a delta has to read: those that are new, and those that speak of the same divisions.

A household outside every division that a new, changed or vanished file speaks of is told by unchanged files alone; so
is one in whose division no day has come and no figure has changed. Files that tell only such households stay unread.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from doudi.engine.policy import plan
from doudi.engine.policy.model import Pack
from doudi.engine.screening.basis import ENGINE, Basis, columns_digest
from doudi.engine.screening.bounds import lowered
from doudi.engine.screening.delta import refuse_other_pack
from doudi.engine.screening.duckdb_input import connect
from doudi.engine.screening.history import is_shared
from doudi.engine.screening.layers import Earlier
from doudi.engine.screening.rules import changed, rules_of
from doudi.engine.screening.snapshot import Snapshot, read
from doudi.engine.screening.snapshot.manifest import Entry, Manifest, read_manifest
from doudi.engine.screening.snapshot.partial import read_partly
from doudi.engine.screening.snapshot.parts import ANYWHERE, OF_SUBJECTS, Part, described, subjects_in
from doudi.engine.screening.snapshot.reading import counties_of
from doudi.engine.words import Refused

_MOST_PLACES = 200  # ranges of divisions: with more of them there is little to leave out
_MEMORY = 256 * 2**20
_LAST = "999999"

Span = tuple[str, str]  # first and last division, both included


def read_since(path: Path, pack: Pack, earlier: Earlier, day: date | None = None) -> Snapshot:
    """The snapshot, without the people whom unchanged files tell and no rule looks at anew.

    day: of the screening, by default the snapshot's. Whatever is in doubt is read whole. Raises Refused as `read`, and
    for an earlier screening by another pack.
    """
    refuse_other_pack(earlier, pack.id)
    try:
        manifest, faults = read_manifest(path, unread=True)
    except Refused:
        return read(path, pack)
    if not faults and _is_comparable(manifest, pack, earlier.basis, day or manifest.as_of):
        with TemporaryDirectory(prefix="doudi-since-") as temp:
            folders = (str(path.resolve()), str(path), str(earlier.path.resolve()), str(earlier.path))
            con = connect(folders, Path(temp), _MEMORY)
            try:
                found = _Search(con, path, manifest, pack, earlier, day or manifest.as_of).opening()
            except duckdb.Error:
                found = None
        if found and (snapshot := read_partly(path, pack, manifest, found.read, found.where, found.parts,
                                              earlier.basis.snapshot_as_of)):  # fmt: skip
            return snapshot
    return read(path, pack)


def _is_comparable(manifest: Manifest, pack: Pack, before: Basis, day: date) -> bool:
    """Whether what was sound and answered then is so still, in files that have not changed."""
    same_month = (day.year, day.month) == (before.as_of.year, before.as_of.month)
    return (
        bool(before.parts)
        and before.engine == ENGINE
        and before.columns == columns_digest(pack)
        and before.snapshot_as_of <= manifest.as_of
        and before.as_of <= day
        and (same_month or not any(map(is_shared, pack.facts.values())))
        and all(e.path.endswith(".parquet") for e in manifest.entries)
    )


@dataclass(frozen=True, slots=True)
class _Opening:
    """What to read: files, the people in them (a condition on `division`), and what is known of every file."""

    read: tuple[Entry, ...]
    where: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class _Search:
    con: duckdb.DuckDBPyConnection
    path: Path
    manifest: Manifest
    pack: Pack
    earlier: Earlier
    day: date

    def opening(self) -> _Opening | None:
        """None: everything is to be read."""
        known = {(p.table, p.sha256): p for p in self.earlier.basis.parts}
        told = [e for e in self.manifest.entries if e.table in ("person", "household", *OF_SUBJECTS)]
        new = [e for e in told if (e.table, e.sha256) not in known]
        described_now = {(p.table, p.path): p for p in described(self.con, str(self.path), self.manifest.entries, new)}
        parts = [described_now.get((e.table, e.path)) or _renamed(known[e.table, e.sha256], e) for e in told]
        there = {(e.table, e.sha256) for e in told}
        spans = [(p.low, p.high) for p in described_now.values()]
        spans += [(p.low, p.high) for key, p in known.items() if key not in there]
        looked_at = self._looked_at(tuple(parts))
        if looked_at is None or ANYWHERE in spans or len(merged(spans + looked_at)) > _MOST_PLACES:
            return None
        spans = merged(spans + looked_at)
        entries = [e for e, p in zip(told, parts, strict=True) if e.table == "fact" or _meets(p, spans)]
        if all(e in entries for e in told if e.table == "person"):
            return None
        entries += [e for e in _firsts(told) if e.table not in {x.table for x in entries}]
        where = " OR ".join(f"division BETWEEN '{low}' AND '{high}'" for low, high in spans) or "FALSE"
        return _Opening(tuple(entries), f"({where})", tuple(self._widened(parts, entries, new)))

    def _looked_at(self, parts: tuple[Part, ...]) -> list[Span] | None:
        """Divisions in which a day has come or a figure changed; None: everybody is looked at."""
        due = f" WHERE due_on <= DATE '{self.day.isoformat()}'"
        rows = self.earlier.table("inputs", due, "DISTINCT division")
        found = [(d, d) for (d,) in self.con.execute(f"SELECT * FROM {rows}").fetchall()]
        before, counties = self.earlier.basis, counties_of(parts, self.pack)
        asked_then = (before.pack_hash, before.as_of, counties_of(before.parts, self.pack))
        if asked_then == (self.pack.hash, self.day, counties):
            return found
        law = lowered(plan(self.pack, self.day, counties))
        moved = changed(before.rules, rules_of(law, before.only or law.programmes))
        if moved.rules or moved.registered:
            return None
        return found + [(c + "0" * 6, c + _LAST) for c in moved.divisions]

    def _widened(self, parts: list[Part], read_now: list[Entry], new: list[Entry]) -> Iterable[Part]:
        """Unchanged files whose subjects may have moved speak of where these are now, too."""
        old = [e for e in read_now if e.table in OF_SUBJECTS and e not in new]
        people = [e for e in read_now if e.table in ("person", "household")]
        now: dict[str, Span] = {}
        for table in {e.table for e in old}:
            mine = [e for e in old if e.table == table]
            now |= subjects_in(self.con, str(self.path), people, mine, all_there=False)
        for part in parts:
            low, high = now.get(part.path, ("", ""))
            if not high or (part.low, part.high) == ANYWHERE:
                yield part
            else:
                yield replace(part, low=min(part.low or low, low), high=max(part.high, high))


def _renamed(part: Part, entry: Entry) -> Part:
    return replace(part, path=entry.path)


def _firsts(entries: Iterable[Entry]) -> Iterable[Entry]:
    """The smallest file of each table: it has the columns, also where nobody is read."""
    smallest: dict[str, Entry] = {}
    for e in entries:
        if e.table not in smallest or e.rows < smallest[e.table].rows:
            smallest[e.table] = e
    return smallest.values()


def _meets(part: Part, spans: list[Span]) -> bool:
    return any(part.low <= high and low <= part.high for low, high in spans)


def merged(spans: Iterable[Span]) -> list[Span]:
    """The same divisions in as few spans as overlap allows, ascending; a file without rows speaks of none."""
    found: list[Span] = []
    for low, high in sorted(s for s in spans if s[1]):
        if found and low <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], high))
        else:
            found.append((low, high))
    return found
