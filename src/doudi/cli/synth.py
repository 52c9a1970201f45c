"""`doudi synth`: a made-up population in real places whose right answers are known beforehand."""

from __future__ import annotations

import json
import time
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

from doudi.demo.registers import write_registers
from doudi.demo.synth import MANIFEST, TABLES
from doudi.demo.synth import synth as write_population
from doudi.engine.words import Fault, Refused, say


def register(app: typer.Typer) -> None:
    @app.command()
    def synth(
        out: Annotated[Path, typer.Argument(help="folder to be made: the snapshot")],
        persons: Annotated[int, typer.Option("--persons", help="how many people, exactly")],
        seed: Annotated[int, typer.Option("--seed", help="the same arguments give the same bytes")],
        as_of: Annotated[datetime, typer.Option("--as-of", formats=["%Y-%m-%d"], help="day of the snapshot")],
        division: Annotated[
            str, typer.Option("--division", help="12 digits; its villages are filled")
        ] = "341503000000",
        registers: Annotated[
            bool, typer.Option("--registers", help="also the messy lists of offices, with names")
        ] = False,
        lists: Annotated[Path | None, typer.Argument(help="folder of the lists; default: registers in OUT")] = None,
        as_json: Annotated[bool, typer.Option("--json", help="one object on stdout")] = False,
    ) -> None:
        """Write a snapshot with planted truth: made-up people in real villages."""
        started = time.monotonic()
        folder = (lists or out / "registers") if registers else None
        if folder and (folder.exists() or _is_the_snapshots(folder, out)):
            raise Refused(Fault("synth.exists", file=str(folder)))
        rows = _with_progress(out, persons, seed, as_of.date(), division)
        lines = write_registers(out, folder, seed=seed, as_of=as_of.date()) if folder else {}
        if as_json:
            took = round(time.monotonic() - started, 1)
            typer.echo(json.dumps({"out": str(out), "rows": rows, "registers": lines, "seconds": took}))
        else:
            typer.echo(
                say("synth.done", out=out, persons=rows["person"], households=rows["household"], truth=rows["truth"])
            )
            if folder:
                typer.echo(say("synth.lists", folder=folder, lists=len(lines), lines=sum(lines.values())))


def _is_the_snapshots(folder: Path, out: Path) -> bool:
    """Whether the lists would stand where the snapshot itself is going to stand."""
    own, home = folder.resolve(), out.resolve()
    return own == home or (own.is_relative_to(home) and own.relative_to(home).parts[0] in (MANIFEST, *TABLES))


def _with_progress(out: Path, persons: int, seed: int, as_of: date, division: str) -> dict[str, int]:
    console = Console(stderr=True)
    columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as bar:
        task = bar.add_task("", total=persons)
        return write_population(
            out,
            persons=persons,
            seed=seed,
            as_of=as_of,
            division=division,
            progress=lambda n: bar.advance(task, n),
            note=lambda text: typer.echo(text, err=True),
        )
