"""Two programmes for one subject: which of them goes first, and what is left for the other.

`instead` and `difference` say that the other one goes first, `higher` that the larger amount does, `same_need` that a
person should look. Where the other programme is of the other kind of subject, a finding is all that an exclusion makes.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

from doudi.engine.policy.item import Item
from doudi.engine.policy.model import (
    Call,
    Enrolled,
    Entity,
    Exclusion,
    Expr,
    Lit,
    PlannedExclusion,
    PlannedProgramme,
    Programme,
    Ref,
)
from doudi.engine.values import is_in_force

_FIRST = ("instead", "difference")  # the other one goes first
_STOPPING = (*_FIRST, "higher")


def beside(programmes: Mapping[str, Programme], p: Programme, e: Exclusion) -> Programme | None:
    """The excluded programme, where the pack decides it for the same kind of subject."""
    other = programmes.get(e.programme)
    return other if other is not None and other.subject == p.subject else None


def read_for_amount(programmes: Mapping[str, Programme], p: Programme) -> list[str]:
    """Programmes whose amount goes into that of p."""
    return [e.programme for e in p.excludes if e.mode == "difference" and beside(programmes, p, e)]


# ---- faults --------------------------------------------------------------------------------------------------------
def check_exclusions(programmes: Mapping[str, Programme], places: Mapping[str, Item]) -> None:
    """places: where each programme says `excludes`."""
    for p in programmes.values():
        for e in p.excludes:
            _check_amounts(programmes, p, e, places)
    twice = [
        (p.name, other)
        for p in programmes.values()
        for other in sorted({e.programme for e in p.excludes})
        if _stands_twice([e for e in p.excludes if e.programme == other])
    ]
    for name, other in twice:
        places[name].fault("policy.excluded_twice", name=other)
    told: set[frozenset[str]] = set()
    for day in _days(programmes) if not twice else ():
        for cycle in _cycles(programmes, day):
            if frozenset(cycle) not in told:
                told.add(frozenset(cycle))
                places[cycle[0]].fault("policy.precedence_cycle", path=" → ".join(cycle))


def _check_amounts(programmes: Mapping[str, Programme], p: Programme, e: Exclusion, places: Mapping[str, Item]) -> None:
    """Amounts are compared and subtracted: both must have one, for the same stretch of time."""
    other = beside(programmes, p, e)
    if e.mode not in ("higher", "difference") or (e.programme in programmes and other is None):
        return
    without = [x.name for x in (p, other) if x is not None and x.amount is None]
    if without:
        places[p.name].fault("policy.excluded_amount", mode=e.mode, name=", ".join(without))
    elif other is not None and other.period != p.period:
        fields = {"mode": e.mode, "own": p.period, "name": other.name, "other": other.period}
        places[p.name].fault("policy.excluded_period", **fields)


def _stands_twice(same: list[Exclusion]) -> bool:
    """Whether two entries for one programme hold on one day."""
    same = sorted(same, key=lambda e: e.since or date.min)
    return any((a.until or date.max) >= (b.since or date.min) for a, b in pairwise(same))


def _days(programmes: Mapping[str, Programme]) -> list[date]:
    """Days on which an exclusion begins, or has ended: between them nothing changes."""
    found = {date.min}
    for p in programmes.values():
        for e in p.excludes:
            found |= {e.since} if e.since else set()
            found |= {e.until + timedelta(days=1)} if e.until and e.until < date.max else set()
    return sorted(found)


def _cycles(programmes: Mapping[str, Programme], day: date) -> Iterator[list[str]]:
    """Closed paths on which every programme gives way to the next; where `higher` stands, either may."""
    after: dict[str, list[str]] = {name: [] for name in programmes}
    strict: list[tuple[str, str]] = []
    for p in programmes.values():
        for e in p.excludes:
            if e.mode in _STOPPING and is_in_force(day, e.since, e.until) and beside(programmes, p, e):
                after[p.name].append(e.programme)
                if e.mode == "higher":
                    after[e.programme].append(p.name)
                else:
                    strict.append((p.name, e.programme))
    for name, first in strict:
        if way := _way(after, first, name):
            yield [name, *way]


def _way(after: Mapping[str, list[str]], start: str, end: str) -> list[str]:
    """The shortest path, both ends included; empty when there is none."""
    ways, seen = deque([[start]]), {start}
    while ways:
        way = ways.popleft()
        if way[-1] == end:
            return way
        for name in after[way[-1]]:
            if name not in seen:
                seen.add(name)
                ways.append([*way, name])
    return []


# ---- on one day ----------------------------------------------------------------------------------------------------
def planned(programmes: Mapping[str, PlannedProgramme]) -> dict[str, PlannedProgramme]:
    """Exclusions in force as they are carried out: `higher` on both sides, `difference` in the amount."""
    across = {n: tuple(_told_apart(programmes, p, e) for e in p.excludes) for n, p in programmes.items()}
    found = {}
    for name, p in programmes.items():
        excludes = (*across[name], *_mirrored(name, across))
        found[name] = replace(p, excludes=excludes, amount=_left_over(programmes, p, excludes))
    return found


def _told_apart(
    programmes: Mapping[str, PlannedProgramme], p: PlannedProgramme, e: PlannedExclusion
) -> PlannedExclusion:
    other = programmes.get(e.programme)
    return replace(e, across=other is not None and other.subject != p.subject)


def _mirrored(name: str, excludes: Mapping[str, tuple[PlannedExclusion, ...]]) -> Iterator[PlannedExclusion]:
    """The larger of two amounts wins, whichever of the two programmes says so."""
    own = {e.programme for e in excludes[name] if e.mode in _STOPPING}
    for other, theirs in sorted(excludes.items()):
        for e in theirs:
            if e.programme == name and e.mode == "higher" and not e.across and other not in own:
                yield PlannedExclusion(other, "higher", e.since, e.until, mirrored=True)


def _left_over(
    programmes: Mapping[str, PlannedProgramme], p: PlannedProgramme, excludes: tuple[PlannedExclusion, ...]
) -> Expr | None:
    """The amount less what others pay, never below 0; rounded as the pack says, at the end."""
    others = [_paid_by(programmes, p.subject, e.programme) for e in excludes if e.mode == "difference" and not e.across]
    if p.amount is None or not others:
        return p.amount
    whole, rounding = p.amount, ()
    if isinstance(whole, Call) and whole.op == "round":
        whole, *rounding = whole.args  # type: ignore[assignment]
    for other in others:
        whole = Call("-", (whole, other), "money", p.subject)
    whole = Call("max", (Lit(Decimal(0), "money"), whole), "money", p.subject)
    return Call("round", (whole, *rounding), "money", p.subject) if rounding else whole


def _paid_by(programmes: Mapping[str, PlannedProgramme], subject: Entity, name: str) -> Expr:
    """What another programme is due to pay; where it is not eligible or in doubt, what it pays now."""
    paid = Enrolled(name, "money", subject)
    if name not in programmes:
        return paid
    eligible = Ref(f"{name}.eligible", "eligible", "bool", subject)
    due = Ref(f"{name}.amount", "amount", "money", subject)
    in_doubt = _if(Enrolled(name, "bool", subject), paid, Lit(None, "money"), subject)
    known = Call("is_known", (eligible,), "bool", subject)
    return _if(known, _if(eligible, due, paid, subject), in_doubt, subject)


def _if(when: Expr, a: Expr, b: Expr, subject: Entity) -> Call:
    return Call("if", (when, a, b), "money", subject)
