"""A snapshot of which only some divisions are read: the rest stands in files that an earlier screening has read.

What is read is checked as ever, and held against the ids of what is not. Any doubt, and the whole is read, which then
says every fault.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from doudi.engine.policy.model import Pack
from doudi.engine.screening.snapshot import checks
from doudi.engine.screening.snapshot.columns import columns_of, wrong_cells
from doudi.engine.screening.snapshot.files import Opened, open_file
from doudi.engine.screening.snapshot.manifest import Entry, Manifest, file_faults
from doudi.engine.screening.snapshot.parts import OF_SUBJECTS, Part, files
from doudi.engine.screening.snapshot.reading import (
    Raw,
    Snapshot,
    connection,
    is_whole,
    raw_of,
    table_faults,
    table_of,
)


def read_partly(
    path: Path,
    pack: Pack,
    manifest: Manifest,
    read: Iterable[Entry],
    where: str,
    parts: tuple[Part, ...],
    checked: date,
) -> Snapshot | None:
    """A snapshot of whose people only those in some divisions are there; None when anything is wrong with it.

    read: the files to read; where: a condition on `division`; parts: what is known of every file; checked: the day of
    the snapshot by which the others were checked.
    """
    read = list(read)
    if any(fault for entry in read for fault in file_faults(path, entry)):
        return None
    temp = TemporaryDirectory(prefix="doudi-snapshot-")
    con = connection(path, temp.name)
    try:
        raws = _raws(con, path, Path(temp.name), pack, manifest, read, where)
        if raws is None or not all(map(is_whole, raws.values())) or not _fits(con, path, manifest, raws):
            return None
        if manifest.as_of != checked and _has_outlived(con, path, manifest, raws["person"]):
            return None
        if any(fault for raw in raws.values() for fault in table_faults(con, raw, manifest.as_of, pack)):
            return None
    except duckdb.Error:
        return None
    made = {name: table_of(path, raw, pack, raws.get("unknown")) for name, raw in raws.items()}
    for name in ("person", "household"):
        n = con.execute(f"SELECT count(*) FROM {raws[name].source}").fetchall()[0][0]
        made[name] = replace(made[name], rows=n)
    return Snapshot(path, manifest.as_of, manifest.pack, made, manifest.entries, parts, where, pack, con, temp)


def _raws(
    con: duckdb.DuckDBPyConnection,
    path: Path,
    temp: Path,
    pack: Pack,
    manifest: Manifest,
    read: list[Entry],
    where: str,
) -> dict[str, Raw] | None:
    """The tables over the files to read; None when one has no sound columns."""
    opened: dict[str, list[Opened]] = {}
    for entry in read:
        found = open_file(con, path, temp, entry)
        if not isinstance(found, Opened):
            return None
        opened.setdefault(entry.table, []).append(found)
    raws = {}
    for name, mine in opened.items():
        columns = columns_of(name, pack, manifest.as_of)
        raw = raw_of(con, name, tuple(mine), columns)
        if not isinstance(raw, Raw) or any(f for file in mine for f in checks.column_faults(name, file, columns)):
            return None
        raws[name] = replace(raw, where=where) if name in ("person", "household") else raw
    return raws


def _fits(con: duckdb.DuckDBPyConnection, path: Path, manifest: Manifest, raws: dict[str, Raw]) -> bool:
    """Whether what is read fits together and beside the rest: each id once, each person with his household in its
    division, each subject somebody."""
    person, household = raws["person"].source, raws["household"].source
    everybody = {name: files(str(path), manifest.of(name)) for name in ("person", "household")}
    tests = [
        f"SELECT count(*) FROM {person} p LEFT JOIN {household} h USING (household_id) "
        "WHERE h.division IS DISTINCT FROM p.division",
        f"SELECT count(*) FROM {household} WHERE household_id NOT IN (SELECT household_id FROM {person})",
    ]
    for name, source in (("person", person), ("household", household)):
        key = f"{name}_id"
        again = f"SELECT count(*) FROM {everybody[name]} WHERE {key} IN (SELECT {key} FROM {source})"
        tests.append(f"SELECT ({again}) - count(*) FROM {source}")
    for name in OF_SUBJECTS:
        if name in raws:
            tests += [_lost(raws[name].source, kind, raws[kind].source, everybody[kind]) for kind in everybody]
    if "enrolment" in raws and "persons" in raws["enrolment"].types:
        tests.append(f"SELECT count(*) FROM ({checks.lost_members(raws['enrolment'], everybody['person'])})")
    return all(con.execute(test).fetchall()[0][0] == 0 for test in tests)


def _has_outlived(con: duckdb.DuckDBPyConnection, path: Path, manifest: Manifest, person: Raw) -> bool:
    """Whether somebody's day lies longer ago than a life, now that the snapshot is of another day."""
    columns = [c for n, c in person.columns.items() if n in person.types]
    cells = [cell for c in columns for cell in wrong_cells(c, person.types[c.name]) if cell.code == "snapshot.long_ago"]
    wrong = " OR ".join(cell.wrong for cell in cells) or "FALSE"
    rows = files(str(path), manifest.of("person"))
    return bool(con.execute(f"SELECT count(*) FROM {rows} WHERE {wrong}").fetchall()[0][0])


def _lost(rows: str, kind: str, here: str, everybody: str) -> str:
    """How many rows name a subject that is nowhere; most are found among those read."""
    key = f"{kind}_id"
    absent = (
        f"SELECT DISTINCT subject_id FROM {rows} WHERE subject_type = '{kind}' "
        f"AND subject_id NOT IN (SELECT {key} FROM {here})"
    )
    found = f"SELECT {key} FROM {everybody} WHERE {key} IN (FROM absent)"
    return f"WITH absent AS MATERIALIZED ({absent}) SELECT count(*) FROM absent WHERE subject_id NOT IN ({found})"
