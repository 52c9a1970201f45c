"""Ours without what hand-written SQL does not make: outcomes of everybody, no findings, inputs and sums.

The same statements in the same chunks as `doudi screen`, order of the persons proved, from a checked snapshot.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
from cases import fresh

from doudi.engine.policy.model import Plan
from doudi.engine.screening.bounds import lowered
from doudi.engine.screening.chunk_files import Job, make_outcomes
from doudi.engine.screening.duckdb_input import chunks, connect, prepare
from doudi.engine.screening.in_turn import in_turn
from doudi.engine.screening.snapshot import Snapshot


def screen_outcomes(
    plan: Plan, snapshot: Snapshot, out: Path, *, memory: int, threads: int, programmes: tuple[str, ...] = ()
) -> None:
    """outcomes_person and outcomes_household of a snapshot, one folder per chunk below a fresh one."""
    fresh(out)
    folders = (*snapshot.folders, str(out.resolve()))
    makers = [connect(folders, out / "spill" / str(n), memory // threads) for n in range(threads)]
    source = prepare(makers[0], snapshot, out / "sorted", plan)
    job, ranges = Job(lowered(plan), source, programmes), chunks(makers[0], source, threads, memory)

    def make(con: duckdb.DuckDBPyConnection, number: int) -> None:
        folder = out / f"{number:05d}"
        folder.mkdir()
        make_outcomes(con, job, folder, ranges[number], with_inputs=False)

    in_turn(makers, list(range(len(ranges))), make)
