"""`doudi area`: divisions by code or name, nationwide to the village."""

from __future__ import annotations

import json
from datetime import date
from typing import Annotated, Any

import typer

from doudi.engine.divisions import Area, children, find, search
from doudi.engine.words import Fault, Refused, say


def register(app: typer.Typer) -> None:
    @app.command()
    def area(
        query: Annotated[str, typer.Argument(help="code (2, 4, 6, 9, 12 digits) or name, superior first")],
        on: Annotated[str | None, typer.Option("--on", help="a day (2020-07-20): only what held that day")] = None,
        as_json: Annotated[bool, typer.Option("--json", help="one object on stdout")] = False,
    ) -> None:
        """Find divisions by code or name, on a day."""
        if not query.strip():
            raise Refused(Fault("area.empty", file="QUERY"))
        day = _day(query, on)
        found = search(query, day)
        if not found:
            raise Refused(_why_none(query, day))
        if as_json:
            answer = {"query": query, "on": on, "areas": [_plain(a, day) for a in found]}
            typer.echo(json.dumps(answer, ensure_ascii=False, indent=2))
        else:
            for each in found:
                typer.echo(_line(each, day))


def _day(query: str, text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Refused(Fault("area.bad_date", {"text": text}, file=query)) from None


def _why_none(query: str, on: date | None) -> Fault:
    past = search(query) if on else ()
    if not past or on is None:
        return Fault("area.unknown", {"query": query}, file=query)
    gone = past[0]
    fields: dict[str, Any] = {"name": gone.full_name, "code": gone.code, "on": on}
    if gone.valid_from and on < gone.valid_from:
        return Fault("area.not_yet", fields | {"first": gone.valid_from}, file=query)
    fields["last"] = gone.valid_to
    if gone.successor:
        return Fault("area.ended", fields | {"successor": _named(gone.successor)}, file=query)
    county = find(gone.code[:6])
    after = _named(county.successor) if county and county.successor else "-"
    return Fault("area.ended_unknown", fields | {"county": after}, file=query)


def _named(code: str) -> str:
    area = find(code)
    return f"{code} {area.full_name}" if area else code


def _plain(area: Area, on: date | None) -> dict[str, Any]:
    return {
        "code": area.code,
        "level": area.level,
        "name": area.name,
        "full_name": area.full_name,
        "children": [a.code for a in children(area.code, on, area.level)],
        "valid_from": area.valid_from and area.valid_from.isoformat(),
        "valid_to": area.valid_to and area.valid_to.isoformat(),
        "successor": area.successor,
        "kind": area.kind,
    }


def _line(area: Area, on: date | None) -> str:
    notes = []
    if area.kind != "place":
        notes.append(say(f"area.note.{area.kind}"))
    if n := len(children(area.code, on, area.level)):
        notes.append(say("area.note.children", n=n))
    if area.valid_from:
        notes.append(say("area.note.from", day=area.valid_from))
    if area.valid_to:
        notes.append(say("area.note.to", day=area.valid_to))
    if area.successor:
        notes.append(say("area.note.successor", code=area.successor))
    level = say(f"area.level.{area.level}")
    return say("area.line", code=area.code, level=level, name=area.full_name, note="; ".join(notes)).rstrip()
