"""Screen everybody: chunks of whole households from a queue, one DuckDB connection per core, resumable by chunk.

Since an earlier screening only those are screened whose answers may have changed (`delta`).
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from doudi.engine.policy.model import Plan, PlannedProgramme
from doudi.engine.screening import spark
from doudi.engine.screening.assembly import assemble
from doudi.engine.screening.basis import ENGINE, basis_of
from doudi.engine.screening.bounds import lowered
from doudi.engine.screening.chunk_files import Job, make_chunk
from doudi.engine.screening.connections import Connections, fitting_threads
from doudi.engine.screening.decided import Decided
from doudi.engine.screening.delta import differences, keep_base, narrowed, refuse_foreign, told, why_everybody
from doudi.engine.screening.duckdb_input import Input, Range, chunks, prepare
from doudi.engine.screening.kept_plan import keep_plan
from doudi.engine.screening.layers import Earlier
from doudi.engine.screening.notes import Note, after_reading, beforehand, of_delta, of_everybody
from doudi.engine.screening.pieces import Progress, make_pieces
from doudi.engine.screening.report import write_report
from doudi.engine.screening.snapshot import Snapshot, read
from doudi.engine.screening.summary import FORMAT, Population, Summary, conditions_of, summarise
from doudi.engine.screening.work import Work, held, put_in_place, take_up, write_json
from doudi.engine.words import Fault, Refused

Stage = Callable[[str], None]  # what is being done now, a name under `screening.stage`


def run(
    plan: Plan,
    snapshot: Snapshot,
    out: Path,
    *,
    memory: int = 2**30,
    threads: int | None = None,
    progress: Progress | None = None,
    stage: Stage = lambda name: None,
    programmes: tuple[str, ...] = (),
    persons_in_chunk: int | None = None,
    since: Earlier | None = None,
    engine: str = "duckdb",
) -> Summary:
    """Screen a snapshot into the folder `out`; what stands there from an earlier screening is replaced.

    memory: bytes for the whole process. programmes: only these (default all). persons_in_chunk: see `chunks`.
    since: write a delta with the households whose answers may differ from it; everybody, where nobody's earlier
    answer may be kept. Clues that were there keep the day they were first seen. engine: what computes the outcomes,
    duckdb or spark (everybody, no `since`).
    Raises Refused when `out` holds anything else, when the same work is under way, for an unknown programme, for too
    little memory, and for an earlier screening of other people, another pack or other programmes.
    """
    started = time.monotonic()
    threads = fitting_threads(memory, threads)
    _check_target(plan, out, programmes)
    if engine == "spark" and (faults := spark.missing_parts()):
        raise Refused(*faults)
    work = Work.beside(out)
    with held(work):
        identity = _identity(plan, snapshot, programmes, since, engine)
        take_up(work, identity)
        folders = (*snapshot.folders, str(work.folder.resolve()), *([str(since.path.resolve())] if since else []))
        cores = Connections(folders, work.folder / "spill", memory, threads)
        stage("reading")
        source = prepare(cores.first, snapshot, work.folder / "sorted", plan)
        asked = _Asked(
            plan, lowered(plan), snapshot, programmes, work, cores, progress, stage, persons_in_chunk, engine
        )  # fmt: skip
        summary = asked.screening(source, identity, since)
        summary = summary.after(time.monotonic() - started)
        write_json(work.result / "summary.json", summary.to_json())
        write_report(work.result / "report.html", summary, plan)
        put_in_place(work)
    return summary


@dataclass(frozen=True, slots=True)
class _Asked:
    plan: Plan
    lowered: Plan
    snapshot: Snapshot
    programmes: tuple[str, ...]
    work: Work
    cores: Connections
    progress: Progress | None
    stage: Stage
    persons_in_chunk: int | None
    engine: str

    @property
    def answered(self) -> list[PlannedProgramme]:
        return [p for p in self.plan.programmes.values() if not self.programmes or p.name in self.programmes]

    def screening(self, source: Input, identity: str, since: Earlier | None) -> Summary:
        """The finished result, but for summary.json and report.html."""
        basis = basis_of(identity, self.lowered, source, self.programmes)
        con = self.cores.first
        notes: tuple[Note, ...] = (
            *beforehand(self.plan, self.snapshot, self.answered),
            *after_reading(con, source, self.plan.pack),
        )
        population = Population.of(self.snapshot)
        if since:
            refuse_foreign(since, basis)
        why = why_everybody(since.basis, basis) if since else ()
        if self.snapshot.where and (since is None or why):  # what seemed enough to read is not
            whole = replace(self, snapshot=read(self.snapshot.path, self.plan.pack))
            source = prepare(con, whole.snapshot, self.work.folder / "sorted_whole", self.plan)
            return whole.screening(source, identity, since)
        if since is None or why:
            self._result(source, since)
            basis.write(self.work.result)
            return self._summary(population, (*notes, *of_everybody(why)))
        self.stage("comparing")
        parts = self._ranges(source, "differences")
        found = differences(self.cores.upto(len(parts)), self.work, self.lowered, source, since, basis, parts)
        few = narrowed(con, source, found, self.work.folder / "narrowed")
        self._result(few, since)
        basis.write(self.work.result)
        keep_base(con, self.work.result, since, found, source, notes)
        keep_plan(self.plan, self.work.result)
        screened = {"person": few.persons, "household": few.households}
        delta = told(since, few, found)
        notes = (*notes, of_delta(delta, population.households))
        return replace(self._summary(replace(population, screened=screened), notes), delta=delta)

    def _result(self, source: Input, since: Earlier | None) -> None:
        """Outcomes, findings and inputs of everybody in the source."""
        ranges = self._ranges(source, "chunks")
        makers = self.cores.upto(len(ranges))
        self.stage("screening")
        job = Job(self.lowered, source, self.programmes, self._decided(source))
        make_pieces(
            makers, self.work, "chunks", len(ranges), lambda con, n, folder: make_chunk(con, job, folder, ranges[n]),
            persons=source.persons, progress=self.progress,
        )  # fmt: skip
        self.stage("assembling")
        first_seen = since.table("findings", columns="finding_id, first_seen") if since else ""
        assemble(makers, self.work, ranges, together=source.together, first_seen=first_seen)

    def _decided(self, source: Input) -> Decided | None:
        if self.engine != "spark":
            return None
        return spark.decide(
            self.cores.first, self.lowered, source, self.programmes, self.work.folder / "spark",
            threads=self.cores.threads, memory=self.cores.memory,
        )  # fmt: skip

    def _summary(self, population: Population, notes: tuple[Note, ...]) -> Summary:
        self.stage("counting")
        result = self.work.result
        write_json(result / "conditions.json", conditions_of(self.plan, self.answered))
        summary = summarise(
            self.cores.upto(self.cores.threads), self.plan, population, result, self.answered,
            threads=self.cores.threads, chunks=len(list((result / "outcomes_household").iterdir())),
            **({"engine": "spark", "engine_version": spark.version()} if self.engine == "spark" else {}),
        )  # fmt: skip
        return replace(summary, notes=notes)

    def _ranges(self, source: Input, kind: str) -> list[Range]:
        """The chunks of this work: those decided when it began, whatever threads are there now."""
        kept = self.work.folder / f"{kind}.json"
        if not kept.exists():
            threads, memory = self.cores.threads, self.cores.memory
            made = chunks(self.cores.first, source, threads, memory, self.persons_in_chunk)
            write_json(kept, [[r.low, r.high] for r in made])
        read = json.loads(kept.read_text("utf-8"))
        return [Range(low and (low[0], low[1]), high and (high[0], high[1])) for low, high in read]


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


def _identity(plan: Plan, snapshot: Snapshot, programmes: tuple[str, ...], since: Earlier | None, engine: str) -> str:
    """What must be equal for earlier chunks to be those of this run."""
    manifest = hashlib.sha256((snapshot.path / "manifest.json").read_bytes()).hexdigest()
    law = hashlib.sha256(repr((plan.definitions, plan.programmes, plan.area_values, plan.facts)).encode()).hexdigest()
    earlier = f"since {since.basis.run}" if since else ""
    parts = (FORMAT, engine, *ENGINE.values(), plan.pack.hash, law, plan.as_of, manifest, earlier, *sorted(programmes))
    return "|".join(map(str, parts))
