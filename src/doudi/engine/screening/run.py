"""Screen everybody: chunks of whole households from a queue, one DuckDB connection per core, resumable by chunk.

All work stands in `OUT.partial` beside OUT. A finished chunk is one folder, put in place by a rename, so a killed run
loses at most the chunks it had in hand; the same command takes up what is there. At the end the whole becomes OUT.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Event, Thread

import duckdb

from doudi import __version__
from doudi.engine.policy.model import Plan
from doudi.engine.screening.bounds import lowered
from doudi.engine.screening.duckdb_chunk import KEY, Chunk
from doudi.engine.screening.duckdb_input import JOINS, Input, Range, chunks, connect, prepare
from doudi.engine.screening.findings import ORDER, select_findings
from doudi.engine.screening.notes import after_reading, beforehand
from doudi.engine.screening.outputs import select_household, select_person
from doudi.engine.screening.report import write_report
from doudi.engine.screening.snapshot import Snapshot
from doudi.engine.screening.sql import text
from doudi.engine.screening.summary import FORMAT, Summary, conditions_of, summarise
from doudi.engine.words import Fault, Refused

Progress = Callable[[int, int], None]  # persons done, persons in all
TABLES = ("outcomes_person", "outcomes_household", "findings", "inputs")
_OWN = 220 * 2**20  # what Python and DuckDB need beside DuckDB's own limit
_LEAST = 64 * 2**20
PARQUET = "(FORMAT parquet, PARQUET_VERSION v2, COMPRESSION snappy, ROW_GROUP_SIZE 122880)"


@dataclass(frozen=True, slots=True)
class Work:
    """The folder beside OUT: finished chunks by number, what is being made, the result before its rename."""

    folder: Path
    out: Path

    def chunk(self, number: int) -> Path:
        return self.folder / "chunks" / f"{number:05d}"

    @property
    def result(self) -> Path:
        return self.folder / "result"


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
    work = Work(out.with_name(out.name + ".partial"), out)
    answered = [p for p in plan.programmes.values() if not programmes or p.name in programmes]
    with _held(work):
        _take_up(work, _identity(plan, snapshot, programmes))
        each = max((memory - _OWN) // threads, _LEAST)
        folders = (*snapshot.folders, str(work.folder.resolve()))
        con = connect(folders, work.folder / "spill" / "main", each)
        source = prepare(con, snapshot, work.folder / "sorted")
        notes = (*beforehand(plan, snapshot, answered), *after_reading(con, source))
        ranges = _ranges(con, work, source, threads, memory, persons_in_chunk)
        more = range(1, min(threads, len(ranges)))
        makers = [con, *(connect(folders, work.folder / "spill" / str(i), each) for i in more)]
        _make_chunks(makers, _Job(lowered(plan), source, work, programmes), ranges, progress)
        _assemble(con, work, source, len(ranges))
        summary = summarise(con, plan, snapshot, work.result, answered, threads=threads, chunks=len(ranges))
        summary = replace(summary, notes=notes).after(time.monotonic() - started)
        _write(work.result / "summary.json", summary.to_json())
        _write(work.result / "conditions.json", conditions_of(plan, answered))
        write_report(work.result / "report.html", summary, plan)
        _put_in_place(work)
    return summary


# ---- the work folder -------------------------------------------------------------------------------------------------
def _check_target(plan: Plan, out: Path, programmes: tuple[str, ...]) -> None:
    faults = [
        Fault("screening.programme_unknown", {"name": name, "known": ", ".join(plan.programmes)}, "--programme")
        for name in programmes
        if name not in plan.programmes
    ]
    if not out.parent.is_dir():
        faults.append(Fault("screening.out_parent", {"parent": str(out.parent)}, str(out)))
    elif out.exists() and not _is_ours(out):
        faults.append(Fault("screening.out_exists", {}, str(out)))
    if faults:
        raise Refused(*faults)


def _is_ours(out: Path) -> bool:
    """An empty folder, or a screening: only these are ever replaced."""
    if not out.is_dir():
        return False
    try:
        return not any(out.iterdir()) or json.loads((out / "summary.json").read_text("utf-8"))["format"] == FORMAT
    except (OSError, ValueError, KeyError, TypeError):
        return False


@contextmanager
def _held(work: Work) -> Iterator[None]:
    """One process at a time; the lock goes with the process, whatever ends it."""
    work.folder.mkdir(exist_ok=True)
    with (work.folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as e:
            raise Refused(Fault("screening.under_way", {}, str(work.out))) from e
        yield


def _identity(plan: Plan, snapshot: Snapshot, programmes: tuple[str, ...]) -> str:
    """What must be equal for earlier chunks to be those of this run."""
    manifest = hashlib.sha256((snapshot.path / "manifest.json").read_bytes()).hexdigest()
    law = hashlib.sha256(repr((plan.definitions, plan.programmes, plan.area_values, plan.facts)).encode()).hexdigest()
    parts = (FORMAT, __version__, duckdb.__version__, plan.pack.hash, law, plan.as_of, manifest, *sorted(programmes))
    return "|".join(map(str, parts))


def _take_up(work: Work, identity: str) -> None:
    """Keep what an interrupted run of the same work left, clear away anything else."""
    name = work.folder / "work.txt"
    if not name.exists() or name.read_text("utf-8") != identity:
        for path in work.folder.iterdir():
            if path.name != "lock":
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        name.write_text(identity, "utf-8")
    shutil.rmtree(work.folder / "spill", ignore_errors=True)
    shutil.rmtree(work.result, ignore_errors=True)
    (work.folder / "chunks").mkdir(exist_ok=True)
    for unfinished in (work.folder / "chunks").glob("*.part"):
        shutil.rmtree(unfinished)


def _ranges(
    con: duckdb.DuckDBPyConnection, work: Work, source: Input, threads: int, memory: int, persons: int | None
) -> list[Range]:
    """The chunks of this work: those decided when it began, whatever threads are there now."""
    kept = work.folder / "chunks.json"
    if not kept.exists():
        made = chunks(con, source, threads, memory, persons)
        _write(kept, [[r.low, r.high] for r in made])
    read = json.loads(kept.read_text("utf-8"))
    return [Range(low and (low[0], low[1]), high and (high[0], high[1])) for low, high in read]


def _write(path: Path, content: object) -> None:
    part = path.with_name(path.name + ".part")
    part.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", "utf-8")
    part.replace(path)


# ---- chunks ----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class _Job:
    plan: Plan  # lowered
    source: Input
    work: Work
    programmes: tuple[str, ...]


def _make_chunks(
    makers: list[duckdb.DuckDBPyConnection], job: _Job, ranges: list[Range], progress: Progress | None
) -> None:
    """Every chunk that is not there yet, by as many threads as there are connections; the first error ends the run."""
    queue: SimpleQueue[int] = SimpleQueue()
    for number in range(len(ranges)):
        if not job.work.chunk(number).exists():
            queue.put(number)
    done = [len(ranges) - queue.qsize()]
    errors: list[BaseException] = []
    stop = Event()

    def work(con: duckdb.DuckDBPyConnection) -> None:
        try:
            while not stop.is_set():
                number = queue.get_nowait()
                _make_chunk(con, job, number, ranges[number])
                done[0] += 1
                if progress:
                    progress(job.source.persons * done[0] // len(ranges), job.source.persons)
        except Empty:
            return
        except BaseException as e:
            errors.append(e)
            stop.set()

    threads = [Thread(target=work, args=(con,)) for con in makers]
    for thread in threads:
        thread.start()
    try:
        for thread in threads:
            thread.join()
    finally:
        stop.set()
    if errors:
        raise errors[0]


def _make_chunk(con: duckdb.DuckDBPyConnection, job: _Job, number: int, part: Range) -> None:
    """One chunk into a folder of its own, renamed when whole."""
    place = job.work.chunk(number)
    folder = place.with_name(place.name + ".part")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    chunk = _computed(con, job, part)
    _copy(con, select_household(chunk), folder / "outcomes_household.parquet")
    persons = folder / "outcomes_person.parquet"
    _copy(con, select_person(chunk), persons)
    if _astray(con, [persons]):
        # The order of the input is a habit of the plan, not a promise: where it broke, it is asked for.
        _copy(con, f"{select_person(chunk)} ORDER BY division, household_id, person_id", persons)
    _copy(con, f"SELECT * FROM ({select_findings(chunk, str(persons))}) ORDER BY {ORDER}", folder / "findings.parquet")
    _copy(con, chunk.inputs(), folder / "inputs.parquet")
    folder.rename(place)


def _computed(con: duckdb.DuckDBPyConnection, job: _Job, part: Range) -> Chunk:
    """A chunk whose household tables stand, joined by the first key under which no two households are one."""
    for key in JOINS:
        chunk = Chunk(job.plan, job.source.source(part, key), job.programmes, with_inputs=True)
        con.execute(chunk.parameters.table())
        for statement in chunk.statements:
            con.execute(statement)
        if not _shared_keys(con, chunk):
            return chunk
    raise AssertionError("household ids are unique, the snapshot was checked")


def _shared_keys(con: duckdb.DuckDBPyConnection, chunk: Chunk) -> bool:
    keys = con.execute(f"SELECT count(DISTINCT {KEY}), count(*) FROM ({chunk.source.household})").fetchall()[0]
    return bool(keys[0] != keys[1])


def _copy(con: duckdb.DuckDBPyConnection, query: str, path: Path) -> None:
    con.execute(f"COPY ({query}) TO {text(str(path))} {PARQUET}")


def _astray(con: duckdb.DuckDBPyConnection, files: list[Path]) -> bool:
    """Whether any person stands before the one he should follow."""
    same = "division = lag(division) OVER () AND household_id {} lag(household_id) OVER ()"
    later = (
        f"division < lag(division) OVER () OR ({same.format('<')}) "
        f"OR ({same.format('=')} AND person_id < lag(person_id) OVER ())"
    )
    found = con.execute(f"SELECT count(*) FROM (SELECT {later} AS astray FROM {_reading(files)}) WHERE astray")
    return bool(found.fetchall()[0][0])


def _reading(files: list[Path]) -> str:
    return f"read_parquet([{', '.join(text(str(f)) for f in files)}])"


# ---- the result ------------------------------------------------------------------------------------------------------
def _assemble(con: duckdb.DuckDBPyConnection, work: Work, source: Input, chunks: int) -> None:
    """The folder as promised, from the finished chunks; these stay until the rename."""
    files = {t: [work.chunk(n) / f"{t}.parquet" for n in range(chunks)] for t in TABLES}
    work.result.mkdir()
    for table in ("outcomes_person", "outcomes_household"):
        (work.result / table).mkdir()
    for n, path in enumerate(files["outcomes_household"]):
        os.link(path, work.result / "outcomes_household" / f"{n:05d}.parquet")
    if source.division != "division" and _astray(con, files["outcomes_person"]):
        # Someone lives in another division than his household: then only a sort of all is in order.
        everybody = f"SELECT * FROM {_reading(files['outcomes_person'])} ORDER BY division, household_id, person_id"
        _copy(con, everybody, work.result / "outcomes_person" / "00000.parquet")
    else:
        for n, path in enumerate(files["outcomes_person"]):
            os.link(path, work.result / "outcomes_person" / f"{n:05d}.parquet")
    _copy(con, f"SELECT * FROM {_reading(files['findings'])} ORDER BY {ORDER}", work.result / "findings.parquet")
    _copy(con, f"SELECT * FROM {_reading(files['inputs'])}", work.result / "inputs.parquet")


def _put_in_place(work: Work) -> None:
    if work.out.exists():
        work.out.rename(work.folder / "replaced")
    work.result.rename(work.out)
    shutil.rmtree(work.folder)
