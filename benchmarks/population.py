"""A made-up population of any size for the pack of the benchmark, as a snapshot: every value a hash of its place.

Written in blocks of whole villages, in the order of the format, so memory does not grow with the population.
"""

from __future__ import annotations

import hashlib
import json
import sys
from datetime import date
from pathlib import Path

import duckdb

from doudi.demo.villages import blocks, villages

HERE = Path(__file__).parent
AS_OF = date(2020, 7, 20)
CITY = "341500000000"  # seven counties, some of them with figures of their own
BLOCK = 500_000  # persons

_MACROS = """
CREATE MACRO rnd(key, salt, n) AS (hash(key, salt) % n)::BIGINT;
CREATE MACRO code(kind, key) AS kind || lpad(lower(to_hex(hash(key, kind))), 16, '0');
CREATE MACRO yuan(key, salt, most) AS
  (rnd(key, salt, most * 100)::DECIMAL(14, 0) * 0.01::DECIMAL(3, 2))::DECIMAL(14, 2);
"""
TABLES = ("person", "household", "enrolment")


def make(folder: Path, persons: int) -> Path:
    """Write a snapshot of about so many persons into `folder` (a new one)."""
    for name in TABLES:
        (folder / name).mkdir(parents=True)
    entries: dict[str, list[dict[str, object]]] = {name: [] for name in TABLES}
    con = duckdb.connect(config={"memory_limit": "900MB"})
    con.execute(_MACROS)
    first = 0
    for n, block in enumerate(blocks(villages(CITY, persons, 1), BLOCK)):
        con.execute("CREATE OR REPLACE TEMP TABLE village (division VARCHAR, first BIGINT, households BIGINT)")
        for village in block:
            households = max(1, round(village.persons / 2.77))
            con.execute("INSERT INTO village VALUES (?, ?, ?)", [village.division, first, households])
            first += households
        con.execute((HERE / "population.sql").read_text("utf-8"))
        for name in TABLES:
            entries[name].append(_write(con, folder, name, n))
    tables = {name: {"files": files} for name, files in entries.items()}
    manifest = {"format": "doudi-snapshot/1", "as_of": AS_OF.isoformat(), "pack": "bench", "tables": tables}
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n", "utf-8")
    return folder


def _write(con: duckdb.DuckDBPyConnection, folder: Path, name: str, n: int) -> dict[str, object]:
    path = f"{name}/{n:05d}.parquet"
    con.execute(f"COPY {name} TO '{folder}/{path}' (FORMAT parquet, COMPRESSION zstd)")
    rows = con.execute(f"SELECT count(*) FROM {name}").fetchall()[0][0]
    with (folder / path).open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return {"path": path, "rows": rows, "sha256": digest}


if __name__ == "__main__":
    make(Path(sys.argv[1]), int(sys.argv[2]))
