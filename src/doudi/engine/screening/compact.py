"""`--compact`: a delta becomes the whole screening, in its place.

The layers are merged range by range, in the order of the output; a range in which nothing changed is linked as it
stands. The delta stays untouched beside the work until the whole is swapped in; a killed command is taken up by the
same command.
"""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from doudi.engine.policy.model import Plan
from doudi.engine.screening.assembly import assemble
from doudi.engine.screening.basis import ENGINE, NAME
from doudi.engine.screening.chunk_files import ORDERS, copy
from doudi.engine.screening.connections import Connections, fitting_threads
from doudi.engine.screening.duckdb_input import Range
from doudi.engine.screening.kept_plan import kept_plan
from doudi.engine.screening.layers import TABLES, Earlier, dropped_by, files_of, read_earlier
from doudi.engine.screening.notes import Note
from doudi.engine.screening.pieces import Progress, make_pieces
from doudi.engine.screening.report import write_report
from doudi.engine.screening.run import Stage
from doudi.engine.screening.sql import text
from doudi.engine.screening.summary import Population, Summary, conditions_of, summarise
from doudi.engine.screening.work import Work, held, link, put_in_place, take_up, write_json
from doudi.engine.words import Fault, Refused

_LARGEST = 200_000  # households in a range: its rows are sorted in memory


def compact(
    out: Path,
    *,
    memory: int = 2**30,
    threads: int | None = None,
    progress: Progress | None = None,
    stage: Stage = lambda name: None,
) -> Summary | None:
    """Make the delta in `out` whole, in its place; None when it is whole already.

    Raises Refused when no screening stands there, when the same work is under way, or for too little memory.
    """
    started = time.monotonic()
    work = Work.beside(out)
    _bring_back(work)
    delta = read_earlier(out, "--compact")
    if delta.delta is None:
        _clear(work)
        return None
    threads = fitting_threads(memory, threads)
    with held(work):
        take_up(work, f"compact|{ENGINE}|{delta.basis.run}")
        folders = tuple(str(p.resolve()) for p in (out, work.folder))
        cores = Connections(folders, work.folder / "spill", memory, threads)
        summary = _whole(delta, work, cores, progress, stage).after(time.monotonic() - started)
        write_json(work.result / "summary.json", summary.to_json())
        write_report(work.result / "report.html", summary, _plan(delta))
        put_in_place(work)
    return summary


def _bring_back(work: Work) -> None:
    """A system that cannot swap two folders has a moment with the delta moved away: it is put back."""
    replaced = work.folder / "replaced"
    if not work.out.exists() and replaced.exists():
        with held(work):
            replaced.rename(work.out)


def _clear(work: Work) -> None:
    """What a command left behind that was killed after the whole had come into its place."""
    note = work.folder / "work.txt"
    if note.exists() and note.read_text("utf-8").startswith("compact|"):
        with held(work):
            shutil.rmtree(work.folder)


def _whole(delta: Earlier, work: Work, cores: Connections, progress: Progress | None, stage: Stage) -> Summary:
    """The finished result, but for summary.json and report.html."""
    plan, kept = _plan(delta), _told(delta)
    population = Population(**kept | {"as_of": date.fromisoformat(kept["as_of"])})
    answered = [p for p in plan.programmes.values() if not delta.basis.only or p.name in delta.basis.only]
    stage("merging")
    parts = _parts(cores.first, delta)
    makers = cores.upto(len(parts))
    make_pieces(
        makers, work, "chunks", len(parts), lambda con, n, folder: _merge(con, delta, parts[n], folder),
        persons=population.persons, progress=progress,
    )  # fmt: skip
    stage("assembling")
    assemble(makers, work, [part.range for part in parts], together=True)
    link(delta.path / NAME, work.result / NAME)
    write_json(work.result / "conditions.json", conditions_of(plan, answered))
    stage("counting")
    summary = summarise(
        cores.upto(cores.threads), plan, population, work.result, answered, threads=cores.threads, chunks=len(parts)
    )
    return replace(summary, notes=tuple(Note(*note) for note in _told(delta, "notes")))


def _told(delta: Earlier, what: str = "population") -> Any:
    assert delta.delta is not None
    return delta.delta[what]


def _plan(delta: Earlier) -> Plan:
    try:
        return kept_plan(delta.path)
    except (OSError, ValueError, TypeError, KeyError) as e:
        raise Refused(Fault("since.plan", {"path": str(delta.path)}, "--compact")) from e


# ---- ranges ----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class _Part:
    """A range of the output; file: the number of the lowest layer's files that hold exactly it, if nothing moved."""

    range: Range
    file: str | None


def _parts(con: duckdb.DuckDBPyConnection, delta: Earlier) -> list[_Part]:
    """The ranges of the lowest layer's files, cut where they are large."""
    cuts: list[tuple[str, str, str]] = []
    for file in sorted((delta.layers[0] / "outcomes_household").glob("*.parquet")):
        numbered = f"SELECT division, household_id, row_number() OVER () - 1 AS n FROM read_parquet({text(str(file))})"
        firsts = f"SELECT division, household_id FROM ({numbered}) WHERE n % {_LARGEST} = 0 ORDER BY n"
        cuts += [(d, h, file.name) for d, h in con.execute(firsts).fetchall()]
    lows = [None, *((d, h) for d, h, _ in cuts[1:])]
    ranges = [Range(low, high) for low, high in zip(lows, [*lows[1:], None], strict=True)]
    names = [name for *_, name in cuts] or [""]
    return [
        _Part(r, name if names.count(name) == 1 and name and not _is_touched(con, delta, r) else None)
        for r, name in zip(ranges, names, strict=True)
    ]


def _is_touched(con: duckdb.DuckDBPyConnection, delta: Earlier, part: Range) -> bool:
    """Whether any layer adds or drops a household of a range."""
    if not delta.together:
        return True
    above = delta.layers[1:]
    rows = [dropped_by(above), *(files_of(layer, "outcomes_household") for layer in above)]
    tests = " OR ".join(f"EXISTS (SELECT 1 FROM {r}{part.where('division')})" for r in rows)
    return bool(con.execute(f"SELECT {tests}").fetchall()[0][0])


def _merge(con: duckdb.DuckDBPyConnection, delta: Earlier, part: _Part, folder: Path) -> None:
    """One range of every table, in order."""
    for table in TABLES:
        if part.file and table.startswith("outcomes"):
            link(delta.layers[0] / table / part.file, folder / f"{table}.parquet")
        else:
            rows = delta.table(table, part.range.where("division"))
            copy(con, f"SELECT * FROM {rows} ORDER BY {ORDERS[table]}", folder / f"{table}.parquet")
