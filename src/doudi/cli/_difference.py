"""`doudi pack diff` on paper: grouped by programme, one line for each thing that differs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict
from decimal import Decimal
from itertools import groupby
from typing import Any

from doudi.engine import divisions
from doudi.engine.policy.difference import Change, Detail
from doudi.engine.policy.model import Pack
from doudi.engine.policy.spoken import Spoken
from doudi.engine.screening.affected import Affected, Transition
from doudi.engine.words import language, say, visible


def to_json(old: Pack, new: Pack, changes: list[Change], effect: Affected | None) -> dict[str, Any]:
    packs = {k: {"id": p.id, "edition": p.edition, "hash": p.hash} for k, p in (("a", old), ("b", new))}
    return {
        **packs,
        "same": not changes,
        "changes": [asdict(c) for c in changes],
        "affected": None if effect is None else _effect_json(effect),
    }


def _effect_json(effect: Affected) -> dict[str, Any]:
    rows = [
        {**asdict(t), "amount_before": f"{t.amount_before:.2f}", "amount_after": f"{t.amount_after:.2f}"}
        for t in effect.transitions
    ]
    days = {"as_of": effect.as_of.isoformat(), "snapshot_as_of": effect.snapshot_as_of.isoformat()}
    return {**days, "persons": effect.persons, "households": effect.households, "transitions": rows}


def lines(old: Pack, new: Pack, changes: list[Change]) -> Iterator[str]:
    yield say("difference.title", a=_called(old), b=_called(new))
    if not changes:
        yield say("difference.same")
        return
    counts = {how: sum(c.how == how for c in changes) for how in ("added", "removed", "changed")}
    yield say("difference.sum", n=len(changes), **counts)
    names = Spoken(old, language()), Spoken(new, language())
    for owner, mine in groupby(changes, key=lambda c: c.programme):
        title = names[owner in new.programmes].programme(owner) if owner else say("difference.whole")
        yield from ("", say("page.named", label=title, name=owner) if owner and owner not in title else title)
        for section, those in groupby(mine, key=lambda c: c.section):
            yield f"  {say(f'difference.section.{section}')}"
            for change in those:
                yield from (visible(line) for line in _change(change))


def _called(pack: Pack) -> str:
    return " + ".join([f"{pack.id} {pack.edition} [{pack.hash[:12]}]", *pack.overlays])


def _change(c: Change) -> Iterator[str]:
    label = c.label if c.label == c.name or c.section == "exclusion" else say("page.named", label=c.label, name=c.name)
    yield "    " + say("difference.line", how=say(f"difference.{c.how}"), label=label)
    for d in c.details:
        yield f"      {_detail(d)}"


def _detail(d: Detail) -> str:
    if d.what == "more":
        return say("difference.detail_more", new=d.new)
    words = {"area": _area, "confidence": lambda level: say(f"page.confidence.{level}")}
    at = {key: words[key](text) if key in words else text for key, text in d.at.items()}
    place = say("spoken.list").join(say(f"difference.at.{key}", text=text) for key, text in at.items())
    what = say(f"difference.field.{d.what}")
    what = say("difference.place", what=what, place=place) if place else what
    if d.old is None or d.new is None:
        code = "difference.detail_new" if d.old is None else "difference.detail_old"
        return say(code, what=what, old=d.old or say("difference.none"), new=d.new or say("difference.none"))
    return say("difference.detail", what=what, old=d.old, new=d.new)


def _area(code: str) -> str:
    found = divisions.find(code) if code else None
    return f"{found.name} {code}" if found else code or say("page.nation")


# ---- whom it affects -----------------------------------------------------------------------------------------------
def effect_lines(old: Pack, new: Pack, effect: Affected, snapshot: str) -> Iterator[str]:
    sizes = {"persons": f"{effect.persons:,}", "households": f"{effect.households:,}"}
    yield from ("", say("difference.effect.title", snapshot=snapshot, as_of=effect.as_of.isoformat(), **sizes))
    if not effect.transitions:
        yield say("difference.effect.none")
        return
    yield say("difference.effect.sum", n=f"{sum(t.n for t in effect.transitions):,}")
    names = Spoken(old, language()), Spoken(new, language())
    for (programme, subject), rows in groupby(effect.transitions, key=lambda t: (t.programme, t.subject_type)):
        mine = list(rows)
        unit = say(f"difference.effect.unit.{subject}")
        label = names[programme in new.programmes].programme(programme)
        yield from ("", say("difference.effect.programme", label=label, name=programme, unit=unit, n=_n(mine)))
        moves: dict[tuple[str, str], list[Transition]] = defaultdict(list)
        for t in mine:
            moves[t.before, t.after].append(t)
        for (before, after), those in moves.items():
            states = {"before": _state(before), "after": _state(after)}
            yield "  " + say("difference.effect.row", unit=unit, n=_n(those), **states, **_money(those))
            for t in those:
                yield "    " + say("difference.effect.area", area=_area(t.township), unit=unit, n=t.n, **_money([t]))


def _state(state: str) -> str:
    return say(f"explain.state.{state}") if state else say("difference.effect.absent")


def _n(rows: list[Transition]) -> str:
    return f"{sum(t.n for t in rows):,}"


def _money(rows: list[Transition]) -> dict[str, str]:
    old, new = (sum((getattr(t, f"amount_{side}") for t in rows), Decimal(0)) for side in ("before", "after"))
    return {"old": f"{old:,.2f}", "new": f"{new:,.2f}"}
