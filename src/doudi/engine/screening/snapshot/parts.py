"""The files of a snapshot as parts of the country: which divisions the households live in that a file speaks of.

A file with the checksum of an earlier one says what that one said: a delta leaves it unread. So snapshots are best
written a county, or half a million to a million persons, to a file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import duckdb

from doudi.engine.screening.snapshot.columns import literal
from doudi.engine.screening.snapshot.manifest import Entry

if TYPE_CHECKING:
    from doudi.engine.screening.snapshot.reading import Snapshot

ANYWHERE = ("", ":")  # before and after every code of digits
OF_SUBJECTS = ("enrolment", "fact", "unknown")  # tables whose rows name a subject


@dataclass(frozen=True, slots=True)
class Part:
    """One file: low and high are the first and last division of the households it speaks of, both included.

    counties: six digits of those divisions, registered: of registered places; empty for tables of subjects.
    """

    table: str
    path: str
    rows: int
    sha256: str
    low: str
    high: str
    counties: tuple[str, ...] = ()
    registered: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @staticmethod
    def from_json(read: dict[str, Any]) -> Part:
        return Part(**read | {n: tuple(read[n]) for n in ("counties", "registered")})


def parts_of(snapshot: Snapshot) -> tuple[Part, ...]:
    """Every file of a snapshot; none when one of them is no Parquet, which is always read whole."""
    if snapshot.parts or not all(e.path.endswith(".parquet") for e in snapshot.entries):
        return snapshot.parts
    return tuple(described(snapshot.con, str(snapshot.path), snapshot.entries, snapshot.entries))


def described(
    con: duckdb.DuckDBPyConnection, folder: str, entries: Iterable[Entry], some: Iterable[Entry]
) -> Iterator[Part]:
    """Some files of a snapshot; entries: those in which the people are that they may speak of.

    Raises duckdb.Error for a file that is not what it should be.
    """
    by_table: dict[str, list[Entry]] = {}
    for e in some:
        by_table.setdefault(e.table, []).append(e)
    entries = list(entries)
    people = [e for e in entries if e.table in ("person", "household")]
    for table, mine in by_table.items():
        if table in ("person", "household"):
            yield from _of_people(con, folder, mine)
        elif table in OF_SUBJECTS and len([e for e in entries if e.table == table]) == 1:
            yield from (Part(table, e.path, e.rows, e.sha256, *ANYWHERE) for e in mine)
        elif table in OF_SUBJECTS:
            found = subjects_in(con, folder, people, mine)
            yield from (Part(table, e.path, e.rows, e.sha256, *found.get(e.path, ("", ""))) for e in mine)


def files(folder: str, entries: Iterable[Entry], more: str = "") -> str:
    """FROM these Parquet files."""
    paths = ", ".join(literal(f"{folder}/{e.path}") for e in entries)
    return f"read_parquet([{paths}], union_by_name = true{more})"


def _of_people(con: duckdb.DuckDBPyConnection, folder: str, entries: list[Entry]) -> Iterator[Part]:
    source = files(folder, entries, ", filename = true")
    names = {n for n, *_ in con.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()}
    registered = "list(DISTINCT left(hukou_division, 6))" if "hukou_division" in names else "[]::VARCHAR[]"
    rows = con.execute(
        f"SELECT filename, min(division), max(division), list(DISTINCT left(division, 6)), {registered} "
        f"FROM {source} GROUP BY filename"
    ).fetchall()
    said = {name: rest for name, *rest in rows}
    for e in entries:
        low, high, counties, places = said.get(f"{folder}/{e.path}", ("", "", [], []))
        yield Part(e.table, e.path, e.rows, e.sha256, low, high, _digits(counties), _digits(places))


def _digits(codes: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(sorted(c for c in codes if c and c.isdigit()))


def subjects_in(
    con: duckdb.DuckDBPyConnection, folder: str, people: list[Entry], some: list[Entry], *, all_there: bool = True
) -> dict[str, tuple[str, str]]:
    """First and last division of the subjects that each file names, looked up among these people.

    all_there: a file that names anybody else may speak of anywhere.
    """
    homes = " UNION ALL ".join(
        f"SELECT '{kind}' AS subject_type, {kind}_id AS subject_id, division "
        f"FROM {files(folder, [e for e in people if e.table == kind])}"
        for kind in ("person", "household")
    )
    rows = con.execute(
        f"SELECT filename, min(division), max(division), count(*) = count(division) "
        f"FROM {files(folder, some, ', filename = true')} LEFT JOIN ({homes}) USING (subject_type, subject_id) "
        "GROUP BY filename"
    ).fetchall()
    return {
        name.removeprefix(f"{folder}/"): (low or "", high or "") if whole or not all_there else ANYWHERE
        for name, low, high, whole in rows
    }
