"""Two plans compared by what their answers rest on: which rules changed, which figures, and in which counties.

A changed rule is seen by everybody. A figure that follows the division is seen by whoever lives in a county where its
value changed; one that follows the registered place by whoever is registered there.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any

from doudi.engine.policy.model import Call, Plan, PlannedProgramme
from doudi.engine.screening.bounds import nodes
from doudi.engine.screening.reach import Reach, reach

_NATION = ""


@dataclass(frozen=True, slots=True)
class Rules:
    """said: rule → digest of what it says. figures: parameter → county (six digits) → digest of its values there.

    A county that is not listed has the values of the nation ("").
    by_hukou: parameters that follow the registered place.
    """

    said: dict[str, str]
    figures: dict[str, dict[str, str]]
    by_hukou: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @staticmethod
    def from_json(read: dict[str, Any]) -> Rules:
        return Rules(read["said"], read["figures"], tuple(read["by_hukou"]))


@dataclass(frozen=True, slots=True)
class Changed:
    """rules: names, seen by everybody. figures: names; divisions, registered: counties where their values changed."""

    rules: tuple[str, ...] = ()
    figures: tuple[str, ...] = ()
    divisions: frozenset[str] = frozenset()
    registered: frozenset[str] = frozenset()


def rules_of(plan: Plan, programmes: Iterable[str]) -> Rules:
    """The rules and figures behind the answers to these programmes. plan: lowered."""
    asked = sorted(programmes)
    reached = reach(plan, asked)
    parameters = reached.of("parameter")
    return Rules(
        {name: _digest(content) for name, content in _said(plan, asked, reached).items()},
        _figures(plan, parameters),
        tuple(name for name in parameters if plan.parameters[name].by == "hukou_division"),
    )


def changed(before: Rules, now: Rules) -> Changed:
    """What a screening by `now` may answer otherwise than one by `before`."""
    rules = {name for name in before.said.keys() | now.said.keys() if before.said.get(name) != now.said.get(name)}
    moved: dict[str, set[str]] = {}
    for name in before.figures.keys() & now.figures.keys():
        old, new = before.figures[name], now.figures[name]
        places = {c for c in old.keys() | new.keys() if old.get(c, old[_NATION]) != new.get(c, new[_NATION])}
        if _NATION in places:
            rules.add(name)
        elif places:
            moved[name] = places
    hukou = {c for name in moved if name in now.by_hukou for c in moved[name]}
    here = {c for name in moved if name not in now.by_hukou for c in moved[name]}
    return Changed(tuple(sorted(rules)), tuple(sorted(moved)), frozenset(here), frozenset(hukou))


def _said(plan: Plan, asked: list[str], reached: Reach) -> dict[str, Any]:
    """Rule → what it says, without words that no row holds."""
    found: dict[str, Any] = {"missing": plan.pack.missing, "programmes": asked}
    for name in reached.of("programme"):
        found[name] = _programme(plan.programmes[name])
    for name in reached.of("definition"):
        d = plan.definitions[name]
        found[name] = (d.entity, d.type, d.period, d.expr)
    for name in reached.of("parameter"):
        p = plan.parameters[name]
        found[name] = (p.type, p.by, p.per, p.scale)
    for name in reached.of("sign"):
        found[f"sign({name})"] = (plan.signs[name].subject, plan.signs[name].expr)
    read = (n for expr in reached.expressions(plan) for n in nodes(expr))
    if any(isinstance(n, Call) and n.op == "workdays_between" for n in read):
        found["calendar"] = plan.pack.calendar
    for name in reached.of("fact"):
        if f := plan.facts.get(name):
            found[name] = (f.entity, f.type, f.period, f.min, f.max, f.values, f.default, f.presumed, f.spread)
    for name in reached.of("enrolled"):
        found[f"enrolled({name})"] = plan.programmes[name].subject if name in plan.programmes else ""
    return found


def _programme(p: PlannedProgramme) -> tuple[Any, ...]:
    excludes = tuple((e.programme, e.mode) for e in p.excludes)
    if not p.in_force:
        return p.subject, excludes
    conditions = tuple((c.name, c.bit, c.expr) for c in p.conditions)
    priority = tuple((part.name, part.points, part.when) for part in p.priority)
    return p.subject, p.once_per, excludes, conditions, p.applies_when, p.amount, p.tolerance, p.ask_when, priority


def _figures(plan: Plan, names: Iterable[str]) -> dict[str, dict[str, str]]:
    """Each county's values are gone through once, however many parameters are asked for."""
    nation = _digests(plan, _NATION)
    nothing = _digest([])
    found = {name: {_NATION: nation.get(name, nothing)} for name in names}
    for county in sorted(plan.area_values):
        here = _digests(plan, county)
        for name, places in found.items():
            if (said := here.get(name, nothing)) != places[_NATION]:
                places[county] = said
    return found


def _digests(plan: Plan, county: str) -> dict[str, str]:
    """Parameter → digest of its values in a county; one without a value there is not in it."""
    held: dict[str, list[tuple[str, str]]] = {}
    for (name, key), resolved in plan.area_values.get(county, {}).items():
        held.setdefault(name, []).append((key or "", str(resolved.value)))
    return {name: _digest(sorted(values)) for name, values in held.items()}


def _digest(content: Any) -> str:
    return sha256(repr(content).encode()).hexdigest()[:16]
