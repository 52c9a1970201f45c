"""doudi pack: list, check, test, show and compare the law as data."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from doudi.cli import _difference, _page
from doudi.engine.policy import load, shipped, shipped_names
from doudi.engine.policy.difference import differences
from doudi.engine.policy.page import page
from doudi.engine.screening.affected import affected
from doudi.engine.screening.packtest import Result, run_examples
from doudi.engine.words import Fault, Refused, language, say

pack = typer.Typer(no_args_is_help=True, help="The law as data: list, check, test, show, diff.")
Overlay = Annotated[list[Path] | None, typer.Option(help="A folder laid over the pack; may be given again.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")]


def register(app: typer.Typer) -> None:
    app.add_typer(pack, name="pack")


@pack.command("list")
def list_packs(as_json: AsJson = False) -> None:
    """Shipped packs with edition, programmes and hash."""
    rows: list[dict[str, Any]] = []
    for name in shipped_names():
        try:
            found = load(shipped() / name)
        except Refused as refused:
            rows.append({"name": name, "faults": len(refused.faults)})
        else:
            programmes = list(found.programmes)
            rows.append({"name": name, "edition": found.edition, "programmes": programmes, "hash": found.hash})
    if as_json:
        _print_json({"packs": rows})
        return
    for row in rows:
        if "faults" in row:
            typer.echo(say("page.broken", name=row["name"], n=row["faults"]))
        else:
            typer.echo(say("page.listed", **{**row, "programmes": ", ".join(row["programmes"])}))


@pack.command()
def check(path: str, overlay: Overlay = None, as_json: AsJson = False) -> None:
    """Every fault of a pack at once, with file, line, reason and remedy. PATH: a folder or a shipped pack's name."""
    try:
        found = load(path, overlay or ())
    except Refused as refused:
        if as_json:
            _print_json({"path": path, "ok": False, "faults": [f.to_json() for f in refused.faults]})
        else:
            for fault in refused.faults:
                typer.echo(fault.text(), err=True)
            typer.echo(say("page.faults", path=path, n=len(refused.faults)), err=True)
        raise typer.Exit(2) from refused
    counts = {k: len(getattr(found, k)) for k in ("programmes", "facts", "variables", "parameters", "examples")}
    head = {"path": path, "id": found.id, "edition": found.edition}
    if as_json:
        _print_json({**head, "ok": True, "hash": found.hash, "faults": [], "counts": counts})
    else:
        typer.echo(say("page.ok", **head, **counts))


@pack.command()
def test(path: str, overlay: Overlay = None, as_json: AsJson = False) -> None:
    """Run a pack's or overlay's examples on both backends; exit 1 naming what fails. PATH: folder or shipped name."""
    results = run_examples(path, overlay or ())
    if as_json:
        rows = [{**asdict(r), "passed": r.passed, "differences": [asdict(d) for d in r.differences]} for r in results]
        _print_json({"examples": rows})
    else:
        for line in _tested(path, [o.name for o in overlay or ()], results):
            typer.echo(line)
    if not all(r.passed for r in results):
        raise typer.Exit(1)


def _tested(path: str, overlays: list[str], results: list[Result]) -> Iterator[str]:
    for r in results:
        for d in r.differences:
            yield say("packtest.difference", name=r.name, backend=r.backend, **asdict(d))
    names = {r.name for r in results}
    failed = {r.name for r in results if not r.passed}
    sums = {"n": len(names), "passed": len(names - failed), "failed": len(failed)}
    if overlays:
        yield say("packtest.sum_overlay", path=path, overlays=" + ".join(overlays), **sums)
    else:
        yield say("packtest.sum", path=path, **sums)


@pack.command()
def show(
    path: str,
    programme: Annotated[str | None, typer.Option(help="Its name, as in its folder; none: a list of all.")] = None,
    overlay: Overlay = None,
    as_of: Annotated[
        str | None, typer.Option("--as-of", help="A day: figures in force on it; else the newest.")
    ] = None,
    people: Annotated[bool, typer.Option("--people", help="Also who the people of each example are.")] = False,
    as_json: AsJson = False,
) -> None:
    """One programme as a page: conditions in words with article and figure, amount, examples. None named: a list."""
    if faults := list(_day_faults(as_of)):
        raise Refused(*faults)
    found = load(path, overlay or ())
    if programme is None:
        if as_json:
            _print_json({"programmes": [page(found, name, language()) for name in found.programmes]})
        else:
            typer.echo("\n".join(_page.listed(found, path)))
        return
    content = page(found, programme, language(), date.fromisoformat(as_of) if as_of else None)
    if as_json:
        _print_json(content)
    else:
        for line in _page.lines(content, with_people=people):
            typer.echo(line)


@pack.command()
def diff(
    a: Annotated[str, typer.Argument(help="The pack before: a folder or a shipped name.")],
    b: Annotated[str, typer.Argument(help="The pack after; an overlay's folder stands for A under it.")],
    overlay: Annotated[list[Path] | None, typer.Option(help="Laid over B; may be given again.")] = None,
    snapshot: Annotated[Path | None, typer.Option(help="A snapshot: whom the change affects.")] = None,
    as_of: Annotated[str | None, typer.Option("--as-of", help="a day (2020-07-20); else the snapshot's")] = None,
    out: Annotated[Path | None, typer.Option(help="File for the affected subjects, .csv or .parquet.")] = None,
    as_json: AsJson = False,
) -> None:
    """What changed from pack A to pack B, in words, and with a snapshot whom it affects. Exit 0, different or not."""
    faults = [*_day_faults(as_of), *(_out_faults(out, snapshot) if out else ())]
    if faults:
        raise Refused(*faults)
    is_overlay = (Path(b) / "overlay.yaml").is_file() and not (Path(b) / "pack.yaml").is_file()
    old = load(a)
    new = load(a, [b, *(overlay or ())]) if is_overlay else load(b, overlay or ())
    changes = differences(old, new, language())
    day = date.fromisoformat(as_of) if as_of else None
    effect = affected(old, new, snapshot, out, as_of=day) if snapshot else None
    if as_json:
        _print_json(_difference.to_json(old, new, changes, effect))
        return
    for line in _difference.lines(old, new, changes):
        typer.echo(line)
    if effect:
        days = {"snapshot": effect.snapshot_as_of.isoformat(), "as_of": effect.as_of.isoformat()}
        if effect.as_of != effect.snapshot_as_of:
            typer.echo(say("difference.other_day", **days), err=True)
        for line in _difference.effect_lines(old, new, effect, str(snapshot)):
            typer.echo(line)
        if out:
            typer.echo(say("difference.effect.out", out=out))


def _day_faults(as_of: str | None) -> Iterator[Fault]:
    try:
        date.fromisoformat(as_of or "2020-01-01")
    except ValueError:
        yield Fault("explain.bad_date", {"text": as_of}, file="--as-of")


def _out_faults(out: Path, snapshot: Path | None) -> Iterator[Fault]:
    if snapshot is None:
        yield Fault("difference.out_alone", file="--out")
    if out.suffix not in (".csv", ".parquet"):
        yield Fault("difference.out_kind", file=str(out))
    if out.exists():
        yield Fault("difference.out_exists", file=str(out))
    elif not out.parent.is_dir():
        yield Fault("difference.out_parent", {"parent": str(out.parent)}, str(out))


def _print_json(content: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(content, ensure_ascii=False, indent=1, default=str) + "\n")
