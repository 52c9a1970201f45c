"""One chunk of a screening as files: computed, and written into a folder of its own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb

from doudi.engine.policy.model import Plan
from doudi.engine.screening.decided import Decided
from doudi.engine.screening.duckdb_chunk import Chunk
from doudi.engine.screening.duckdb_input import JOINS, Input, Range
from doudi.engine.screening.duckdb_source import KEY
from doudi.engine.screening.findings import ORDER, found_persons, select_findings
from doudi.engine.screening.outputs import select_household, select_person
from doudi.engine.screening.risks import sign_columns
from doudi.engine.screening.sql import text

PARQUET = "(FORMAT parquet, PARQUET_VERSION v2, COMPRESSION snappy, ROW_GROUP_SIZE 122880)"
ORDERS = {
    "outcomes_person": "division, household_id, person_id",
    "outcomes_household": "division, household_id",
    "findings": ORDER,
    "inputs": "division, household_id",
}


@dataclass(frozen=True, slots=True)
class Job:
    """What is asked of every chunk.

    plan: lowered. programmes: only these, empty for all. decided: outcomes that another engine computed.
    """

    plan: Plan
    source: Input
    programmes: tuple[str, ...]
    decided: Decided | None = None


def make_chunk(con: duckdb.DuckDBPyConnection, job: Job, folder: Path, part: Range) -> None:
    """The households of a range into `folder`, one file for each table of the output."""
    chunk = make_outcomes(con, job, folder, part, with_inputs=True)
    persons = folder / "outcomes_person.parquet"
    con.execute(found_persons(chunk, str(persons)))
    copy(con, f"SELECT * FROM ({select_findings(chunk, str(persons))}) ORDER BY {ORDER}", folder / "findings.parquet")
    copy(con, chunk.inputs(), folder / "inputs.parquet")


def make_outcomes(con: duckdb.DuckDBPyConnection, job: Job, folder: Path, part: Range, *, with_inputs: bool) -> Chunk:
    """outcomes_person and outcomes_household of a range; the chunk whose tables now stand in the connection."""
    persons = folder / "outcomes_person.parquet"
    if job.decided:
        chunk = job.decided.chunk(con, job.plan, job.source, part, job.programmes)
        answers = job.decided.persons(con, chunk, part)
    else:
        chunk = _computed(con, job, part, str(persons), with_inputs)
        answers = select_person(chunk)
    copy(con, answers, persons)
    if astray(con, [persons]):
        # The order of the input is a habit of the plan, not a promise: where it broke, it is asked for.
        copy(con, f"{answers} ORDER BY {ORDERS['outcomes_person']}", persons)
    for statement in chunk.late:
        con.execute(statement)
    copy(con, select_household(chunk), folder / "outcomes_household.parquet")
    return chunk


def _computed(con: duckdb.DuckDBPyConnection, job: Job, part: Range, person_file: str, with_inputs: bool) -> Chunk:
    """A chunk whose early tables stand, joined by the first key under which no two households are one."""
    for key in JOINS:
        source = job.source.source(part, key)
        chunk = Chunk(
            job.plan,
            source,
            job.programmes,
            also=sign_columns(job.plan, job.programmes),
            with_inputs=with_inputs,
            person_file=person_file,
        )
        con.execute(chunk.parameters.table())
        for statement in chunk.statements:
            con.execute(statement)
        if not _shared_keys(con, chunk):
            return chunk
    raise AssertionError("household ids are unique, the snapshot was checked")


def _shared_keys(con: duckdb.DuckDBPyConnection, chunk: Chunk) -> bool:
    keys = con.execute(f"SELECT count(DISTINCT {KEY}), count(*) FROM ({chunk.source.household})").fetchall()[0]
    return bool(keys[0] != keys[1])


def copy(con: duckdb.DuckDBPyConnection, query: str, path: Path) -> None:
    con.execute(f"COPY ({query}) TO {text(str(path))} {PARQUET}")


def astray(con: duckdb.DuckDBPyConnection, files: list[Path]) -> bool:
    """Whether any person stands before the one he should follow."""
    same = "division = lag(division) OVER () AND household_id {} lag(household_id) OVER ()"
    later = (
        f"division < lag(division) OVER () OR ({same.format('<')}) "
        f"OR ({same.format('=')} AND person_id < lag(person_id) OVER ())"
    )
    found = con.execute(f"SELECT count(*) FROM (SELECT {later} AS astray FROM {reading(files)}) WHERE astray")
    return bool(found.fetchall()[0][0])


def reading(files: list[Path]) -> str:
    """FROM these Parquet files, one after the other."""
    return f"read_parquet([{', '.join(text(str(f)) for f in files)}])"
