"""A snapshot's rows in PostgreSQL, and what the plan's statements answer there and in DuckDB."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import psycopg

from doudi.engine.policy.model import Plan
from doudi.engine.screening.bounds import lowered
from doudi.engine.screening.dialects.portable import JOINS, Portable
from doudi.engine.screening.dialects.postgres import POSTGRES, short_name
from doudi.engine.screening.duckdb_input import Range, connect, prepare
from doudi.engine.screening.outputs import select_household, select_person
from doudi.engine.screening.snapshot import Snapshot

_TYPES = {"VARCHAR": "text", "VARCHAR[]": "text[]"}
Answers = dict[str, list[tuple[Any, ...]]]  # households, persons → rows by id


@contextmanager
def prepared(plan: Plan, snapshot: Snapshot, folder: Path) -> Iterator[tuple[duckdb.DuckDBPyConnection, Portable]]:
    """The plan's statements and a DuckDB that has the rows they read as its tables. folder: for the work."""
    low = lowered(plan)
    con = connect((*snapshot.folders, str(folder.resolve())), folder / "spill", 2**29)
    source = prepare(con, snapshot, folder / "sorted", low).source(Range(None, None), JOINS)
    portable = Portable.of(low, source)
    for table, rows in portable.rows.items():
        con.execute(f"CREATE OR REPLACE TEMP TABLE {table} AS {rows}")
    yield con, portable
    con.close()


def by_duckdb(con: duckdb.DuckDBPyConnection, portable: Portable) -> Answers:
    chunk = portable.chunk
    for statement in (chunk.parameters.table(), *chunk.statements):
        con.execute(statement)
    asked = {"households": select_household(chunk), "persons": select_person(chunk)}
    return {name: sorted(con.execute(query).fetchall(), key=lambda r: r[0]) for name, query in asked.items()}


def by_postgres(con: duckdb.DuckDBPyConnection, portable: Portable, there: psycopg.Connection) -> Answers:
    """The rows loaded, every statement run, as one session would run the script."""
    there.execute("DISCARD ALL")
    for table in portable.rows:
        _load(con, table, there)
    *tables, households, persons = portable.script(POSTGRES)
    for statement in tables:
        there.execute(statement)
    asked = {"households": households, "persons": persons}
    return {name: sorted(there.execute(query).fetchall(), key=lambda r: r[0]) for name, query in asked.items()}


def _load(con: duckdb.DuckDBPyConnection, table: str, there: psycopg.Connection) -> None:
    kinds = [(name, kind) for name, kind, *_ in con.execute(f"DESCRIBE {table}").fetchall()]
    columns = ", ".join(f'"{short_name(name)}" {_TYPES.get(kind, kind)}' for name, kind in kinds)
    there.execute(f"CREATE TEMP TABLE {table} ({columns})")
    with there.cursor() as cursor, cursor.copy(f"COPY {table} FROM STDIN") as copy:
        for row in con.execute(f"FROM {table}").fetchall():
            copy.write_row(row)
    there.execute(f"ANALYZE {table}")
