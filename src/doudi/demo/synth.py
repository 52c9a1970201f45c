"""A population of any size with known truth: real villages, made-up people, answers that follow from construction.

Each household is first given a plot (`population.yaml`): paid rightly, missed, a vehicle too many, nobody has asked.
Its members, money and gaps are then made to fit, with the county's standard and limits taken from the pack. So the
truth stands before any rule is evaluated, and a screening can be held to it.

It is written block by block (whole villages), so memory does not grow with the population; every number is a hash of
the seed and a place in the population, so the same arguments give the same bytes.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any

import duckdb

from doudi.demo.law import law_in
from doudi.demo.tables import BLOCK_COLUMNS, load, population, prepare
from doudi.demo.villages import Village, blocks, villages
from doudi.engine.words import Fault, Refused, say

BLOCK = 150_000  # persons
MANIFEST = "manifest.json"
TABLES = {  # table → its order in the files
    "person": "division, household_id, person_id",
    "household": "division, household_id",
    "enrolment": "subject_type, subject_id, programme",
    "truth": "subject_id, programme",
}


def synth(
    out: Path,
    *,
    persons: int,
    seed: int,
    as_of: date,
    division: str = "341503000000",
    progress: Callable[[int], None] = lambda done: None,
    note: Callable[[str], None] = lambda text: None,
) -> dict[str, int]:
    """Write a snapshot with planted truth; gives the rows of each table.

    persons: exactly so many; progress is told the persons of each finished block; note is told when the programme is
    not in force on that day, so that nothing could be planted. Raises Refused when `out` exists, the
    division is unknown, or the law of a county holds a value that the construction does not know.
    """
    if persons < 1:
        raise Refused(Fault("synth.persons", {"persons": persons}, "--persons"))
    if out.exists():
        raise Refused(Fault("synth.exists", file=str(out)))
    table = population()
    places = villages(division, persons, seed)
    law = law_in({v.county + "000000" for v in places}, as_of, table)
    if not law.in_force:
        note(say("synth.not_in_force", programme=table["programme"], as_of=as_of))
    part = out.with_name(out.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    for name in TABLES:
        (part / name).mkdir(parents=True)
    entries: dict[str, list[dict[str, Any]]] = {name: [] for name in TABLES}
    with duckdb.connect(config={"memory_limit": "600MB"}) as con:
        prepare(con, table, law, seed, as_of, len(places))
        for n, block in enumerate(blocks(places, BLOCK)):
            _fill(con, block)
            for name, order in TABLES.items():
                entries[name].append(_write(con, part, name, n, order))
            progress(sum(v.persons for v in block))
    _write_manifest(part, as_of, entries)
    part.rename(out)
    return {name: sum(e["rows"] for e in files) for name, files in entries.items()}


def _write_manifest(part: Path, as_of: date, entries: Mapping[str, list[dict[str, Any]]]) -> None:
    manifest = {
        "format": "doudi-snapshot/1",
        "as_of": as_of.isoformat(),
        "pack": "cn",
        "tables": {name: {"files": files} for name, files in entries.items()},
    }
    (part / MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n", "utf-8")


def _fill(con: duckdb.DuckDBPyConnection, block: list[Village]) -> None:
    load(con, "block", [asdict(v) for v in block], BLOCK_COLUMNS)
    for name in ("households.sql", "snapshot.sql"):
        con.execute((files("doudi.demo") / name).read_text("utf-8"))


def _write(con: duckdb.DuckDBPyConnection, part: Path, name: str, n: int, order: str) -> dict[str, Any]:
    path = f"{name}/{n:05d}.parquet"
    target = part / path
    quoted = str(target).replace("'", "''")
    sorted_rows = f"SELECT * FROM {name} ORDER BY {order}"
    (rows,) = con.execute(f"COPY ({sorted_rows}) TO '{quoted}' (FORMAT parquet, COMPRESSION zstd)").fetchone() or (0,)
    with target.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return {"path": path, "rows": rows, "sha256": digest}
