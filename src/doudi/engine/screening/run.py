"""Screen everybody: chunks of whole households from a queue, one DuckDB connection per core, resumable by chunk."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import duckdb

from doudi import __version__
from doudi.engine.policy.model import Plan
from doudi.engine.screening.assembly import assemble, not_there
from doudi.engine.screening.bounds import lowered
from doudi.engine.screening.chunk_files import Job, make_chunk
from doudi.engine.screening.duckdb_input import Input, Range, chunks, connect, prepare
from doudi.engine.screening.in_turn import in_turn
from doudi.engine.screening.notes import after_reading, beforehand
from doudi.engine.screening.report import write_report
from doudi.engine.screening.snapshot import Snapshot
from doudi.engine.screening.summary import FORMAT, Summary, conditions_of, summarise
from doudi.engine.screening.work import Work, held, put_in_place, take_up, write_json
from doudi.engine.words import Fault, Refused

Progress = Callable[[int, int], None]  # persons done, persons in all
_OWN = 220 * 2**20  # what Python and DuckDB need beside DuckDB's own limit
_LEAST = 64 * 2**20


def run(
    plan: Plan,
    snapshot: Snapshot,
    out: Path,
    *,
    memory: int = 2**30,
    threads: int | None = None,
    progress: Progress | None = None,
    programmes: tuple[str, ...] = (),
    persons_in_chunk: int | None = None,
) -> Summary:
    """Screen a snapshot into the folder `out`; what stands there from an earlier screening is replaced.

    memory: bytes for the whole process. programmes: only these (default all). persons_in_chunk: see `chunks`.
    Raises Refused when `out` holds anything else, when the same work is under way, or for an unknown programme.
    """
    started = time.monotonic()
    threads = threads or os.cpu_count() or 1
    _check_target(plan, out, programmes)
    work = Work.beside(out)
    answered = [p for p in plan.programmes.values() if not programmes or p.name in programmes]
    with held(work):
        take_up(work, _identity(plan, snapshot, programmes))
        each = max((memory - _OWN) // threads, _LEAST)
        folders = (*snapshot.folders, str(work.folder.resolve()))
        con = connect(folders, work.folder / "spill" / "main", each)
        source = prepare(con, snapshot, work.folder / "sorted", plan)
        notes = (*beforehand(plan, snapshot, answered), *after_reading(con, source))
        ranges = _ranges(con, work, source, threads, memory, persons_in_chunk)
        more = range(1, min(threads, len(ranges)))
        makers = [con, *(connect(folders, work.folder / "spill" / str(i), each) for i in more)]
        _make_chunks(makers, Job(lowered(plan), source, programmes), work, ranges, progress)
        assemble(makers, work, ranges, together=source.division == "division")
        summary = summarise(con, plan, snapshot, work.result, answered, threads=threads, chunks=len(ranges))
        summary = replace(summary, notes=notes).after(time.monotonic() - started)
        write_json(work.result / "summary.json", summary.to_json())
        write_json(work.result / "conditions.json", conditions_of(plan, answered))
        write_report(work.result / "report.html", summary, plan)
        put_in_place(work)
    return summary


def _check_target(plan: Plan, out: Path, programmes: tuple[str, ...]) -> None:
    faults = [
        Fault("screening.programme_unknown", {"name": name, "known": ", ".join(plan.programmes)}, "--programme")
        for name in programmes
        if name not in plan.programmes
    ]
    if not out.parent.is_dir():
        faults.append(Fault("screening.out_parent", {"parent": str(out.parent)}, str(out)))
    elif out.exists() and not is_ours(out):
        faults.append(Fault("screening.out_exists", {}, str(out)))
    if faults:
        raise Refused(*faults)


def is_ours(out: Path) -> bool:
    """An empty folder, or a screening: only these are ever replaced."""
    if not out.is_dir():
        return False
    try:
        return not any(out.iterdir()) or json.loads((out / "summary.json").read_text("utf-8"))["format"] == FORMAT
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _identity(plan: Plan, snapshot: Snapshot, programmes: tuple[str, ...]) -> str:
    """What must be equal for earlier chunks to be those of this run."""
    manifest = hashlib.sha256((snapshot.path / "manifest.json").read_bytes()).hexdigest()
    law = hashlib.sha256(repr((plan.definitions, plan.programmes, plan.area_values, plan.facts)).encode()).hexdigest()
    parts = (FORMAT, __version__, duckdb.__version__, plan.pack.hash, law, plan.as_of, manifest, *sorted(programmes))
    return "|".join(map(str, parts))


def _ranges(
    con: duckdb.DuckDBPyConnection, work: Work, source: Input, threads: int, memory: int, persons: int | None
) -> list[Range]:
    """The chunks of this work: those decided when it began, whatever threads are there now."""
    kept = work.folder / "chunks.json"
    if not kept.exists():
        made = chunks(con, source, threads, memory, persons)
        write_json(kept, [[r.low, r.high] for r in made])
    read = json.loads(kept.read_text("utf-8"))
    return [Range(low and (low[0], low[1]), high and (high[0], high[1])) for low, high in read]


def _make_chunks(
    makers: list[duckdb.DuckDBPyConnection], job: Job, work: Work, ranges: list[Range], progress: Progress | None
) -> None:
    """Every chunk that is not there yet."""
    missing = not_there(work, "chunks", len(ranges))
    finished = len(ranges) - len(missing)

    def done(number: int) -> None:
        nonlocal finished
        finished += 1
        if progress:
            progress(job.source.persons * finished // len(ranges), job.source.persons)

    in_turn(makers, missing, lambda con, n: make_chunk(con, job, work.chunk(n), ranges[n]), done)
