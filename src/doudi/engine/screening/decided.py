"""Outcomes that another engine has computed, as chunks meet them: read back by range, all that follows is the same.

The other engine wrote the last household table of the plan, with all its columns, and the answers of persons, both in
the order of the output. Findings, fingerprints, order and files are then made as if DuckDB had computed them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from doudi.engine.policy.model import Plan
from doudi.engine.screening.dialects.portable import JOINS
from doudi.engine.screening.duckdb_chunk import Chunk
from doudi.engine.screening.duckdb_history import PLACE
from doudi.engine.screening.duckdb_input import Input, Range
from doudi.engine.screening.duckdb_source import Source
from doudi.engine.screening.outputs import select_person
from doudi.engine.screening.sql import quoted, text


@dataclass(frozen=True, slots=True)
class Decided:
    """folder: `household` and `person`, each a folder of Parquet files with the plan's columns.

    here: the counties for which the other engine wrote its figures into the statements (`Source.here`).
    """

    folder: Path
    here: frozenset[str] | None

    def chunk(
        self, con: duckdb.DuckDBPyConnection, plan: Plan, source: Input, part: Range, only: tuple[str, ...]
    ) -> Chunk:
        """A chunk whose household table stands, filled with what was computed."""
        rows = replace(source.source(part, JOINS), here=self.here)
        chunk = Chunk(plan, rows, only)
        con.execute(chunk.parameters.table())
        self._make_tables(con, plan, rows, only)
        for statement in chunk.folded:
            con.execute(statement)
        names = [quoted(name) for name, *_ in con.execute(f"DESCRIBE {chunk.household_table}").fetchall()]
        con.execute(
            f"INSERT INTO {chunk.household_table} SELECT {', '.join(names)} "
            f"FROM {self._files('household')}{part.where('division')}"
        )
        return chunk

    def _make_tables(self, con: duckdb.DuckDBPyConnection, plan: Plan, rows: Source, only: tuple[str, ...]) -> None:
        """The household tables without a row: what they are called, and their types, is the plan's affair."""
        nobody = replace(rows, household=f"SELECT * FROM ({rows.household}) WHERE FALSE")
        for statement in Chunk(plan, nobody, only).statements:
            con.execute(statement)

    def persons(self, con: duckdb.DuckDBPyConnection, chunk: Chunk, part: Range) -> str:
        """SELECT of outcomes_person of a range, in order, in the types of `select_person`."""
        kinds = con.execute(f"DESCRIBE {select_person(chunk)}").fetchall()
        columns = ", ".join(f"CAST({quoted(name)} AS {kind}) AS {quoted(name)}" for name, kind, *_ in kinds)
        return f"SELECT {columns} FROM {self._files('person')}{part.where(PLACE)}"

    def _files(self, table: str) -> str:
        return f"read_parquet({text(str(self.folder / table / '*.parquet'))})"
