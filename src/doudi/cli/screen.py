"""`doudi screen`: everybody of a snapshot against every programme of a pack."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from doudi.engine.policy import load, plan
from doudi.engine.policy.model import Plan
from doudi.engine.screening.compact import compact as make_whole
from doudi.engine.screening.layers import read_earlier
from doudi.engine.screening.notes import Note, beforehand
from doudi.engine.screening.pieces import Progress
from doudi.engine.screening.run import Stage, run
from doudi.engine.screening.since import read_since
from doudi.engine.screening.snapshot import pack_of, read
from doudi.engine.screening.spark import missing_parts
from doudi.engine.screening.summary import Summary
from doudi.engine.words import Fault, Refused, language, say

_UNITS = {"KB": 2**10, "MB": 2**20, "GB": 2**30}
_LEAST_MEMORY = 384 * 2**20


def register(app: typer.Typer) -> None:
    @app.command()
    def screen(
        snapshot: Annotated[Path | None, typer.Argument(help="a snapshot folder (manifest.json and tables)")] = None,
        out: Annotated[Path | None, typer.Option("--out", help="to write; an earlier screening is replaced")] = None,
        pack: Annotated[str | None, typer.Option("--pack", help="folder or name; else the snapshot's own")] = None,
        overlay: Annotated[list[Path] | None, typer.Option("--overlay", help="laid over the pack, in order")] = None,
        as_of: Annotated[str | None, typer.Option("--as-of", help="a day; default: the snapshot's")] = None,
        engine: Annotated[str, typer.Option("--engine", help="duckdb, or spark (extra doudi[spark])")] = "duckdb",
        programme: Annotated[list[str] | None, typer.Option("--programme", help="only this one, repeatable")] = None,
        since: Annotated[
            Path | None, typer.Option("--since", help="an earlier screening: write a delta of what may have changed")
        ] = None,
        compact: Annotated[
            Path | None, typer.Option("--compact", help="make the delta in this folder whole, in its place")
        ] = None,
        memory: Annotated[str, typer.Option("--memory", help="most memory to use, at least 384MB")] = "1GB",
        threads: Annotated[int | None, typer.Option("--threads", help="default: all cores")] = None,
        as_json: Annotated[bool, typer.Option("--json", help="summary.json on stdout")] = False,
    ) -> None:
        """Screen everybody; the output folder holds outcomes, findings, summary.json and report.html."""
        refused = _engine(engine, since or compact)
        size, asked = _memory(memory, refused), _day(as_of, refused)
        if threads is not None and threads < 1:
            refused.append(Fault("screening.threads", {"value": threads}, "--threads"))
        if compact is not None:
            others = {"SNAPSHOT": snapshot, "--out": out, "--since": since, "--as-of": as_of, "--programme": programme}
            refused += [Fault("screening.either", {"name": n}, "--compact") for n, given in others.items() if given]
        elif snapshot is None or out is None:
            missing = "SNAPSHOT" if snapshot is None else "--out"
            refused = refused or [Fault("screening.missing", {"name": missing}, "doudi screen")]
        if refused:
            raise Refused(*refused)
        if compact is not None:
            return _compact(compact, size, threads, as_json)
        assert snapshot is not None and out is not None
        earlier = read_earlier(since) if since else None
        law = load(pack or pack_of(snapshot), tuple(overlay or ()))
        people = read_since(snapshot, law, earlier, asked) if earlier else read(snapshot, law)
        day = asked or people.as_of
        planned = plan(law, day, people.counties())
        only = tuple(programme or ())
        answered = [p for p in planned.programmes.values() if not only or p.name in only]
        noted = tuple(beforehand(planned, people, answered))
        _note(noted)
        with _progress() as (progress, stage):
            summary = run(
                planned, people, out,
                memory=size, threads=threads, progress=progress, stage=stage, programmes=only, since=earlier,
                engine=engine,
            )  # fmt: skip
        _note(summary.notes[len(noted) :])
        if as_json:
            typer.echo(json.dumps(summary.to_json(), ensure_ascii=False, indent=1))
        else:
            _tell(summary, planned, out)


def _engine(engine: str, later: Path | None) -> list[Fault]:
    if engine == "duckdb":
        return []
    if engine == "spark":
        return [Fault("screening.spark_whole", {}, "--engine")] if later else missing_parts()
    return [Fault("screening.engine", {"value": engine}, "--engine")]


def _memory(value: str, refused: list[Fault]) -> int:
    match = re.fullmatch(r"(\d{1,6})\s*(KB|MB|GB)", value.strip().upper())
    size = int(match[1]) * _UNITS[match[2]] if match else 0
    if size < _LEAST_MEMORY:
        refused.append(Fault("screening.memory", {"value": value}, "--memory"))
    return size


def _day(value: str | None, refused: list[Fault]) -> date | None:
    try:
        return None if value is None else date.fromisoformat(value)
    except ValueError:
        refused.append(Fault("screening.as_of", {"value": value}, "--as-of"))
        return None


def _note(notes: tuple[Note, ...]) -> None:
    for note in notes:
        sys.stderr.write(note.text() + "\n")


@contextmanager
def _progress() -> Iterator[tuple[Progress | None, Stage]]:
    """A bar on a terminal: what is being done, persons done, speed, time left; nothing in a pipe."""
    if not sys.stderr.isatty():
        yield None, lambda name: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, ProgressColumn, Task, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar
    from rich.text import Text

    class Pace(ProgressColumn):
        def render(self, task: Task) -> Text:
            return Text(say("screening.pace", n=f"{task.speed:,.0f}") if task.speed else "")

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), Pace(), TimeRemainingColumn())
    with Bar(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("", total=None)
        yield (
            lambda done, total: bar.update(task, completed=done, total=total),
            lambda name: bar.update(task, description=say(f"screening.stage.{name}")),
        )


def _compact(out: Path, memory: int, threads: int | None, as_json: bool) -> None:
    with _progress() as (progress, stage):
        whole = make_whole(out, memory=memory, threads=threads, progress=progress, stage=stage)
    if as_json:
        typer.echo((out / "summary.json").read_text("utf-8").rstrip("\n"))
    elif whole is None:
        typer.echo(say("screening.whole", out=out))
    else:
        counts = {k: f"{whole.snapshot[k]:,}" for k in ("persons", "households")}
        typer.echo(say("screening.compacted", **counts, out=out))


def _tell(summary: Summary, planned: Plan, out: Path) -> None:
    counts = {k: f"{summary.snapshot[k]:,}" for k in ("persons", "households")}
    typer.echo(say("screening.done", **counts, out=out))
    for name, found in summary.findings.items():
        label = planned.programmes[name].label
        subjects = f"{summary.conservation[name]['n_subjects']:,}"
        text = label.zh if language() == "zh" else label.en
        typer.echo(say("screening.done_programme", label=text, subjects=subjects, **found))
