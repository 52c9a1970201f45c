"""One pack on one day: formulas, conditions and figures of that day, in an order in which they can be evaluated."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal

from doudi.engine.policy import graph
from doudi.engine.policy.model import (
    Definition,
    Expr,
    Lit,
    Pack,
    Parameter,
    ParameterValue,
    Plan,
    PlannedProgramme,
    PlannedScale,
    Programme,
    Resolved,
    Scale,
    Variable,
)
from doudi.engine.policy.programmes import is_in_force
from doudi.engine.policy.variables import zero
from doudi.engine.values import AreaCode

_WIDTH = {"county": 6, "city": 4, "province": 2, "nation": 0}


def plan(pack: Pack, as_of: date, areas: Iterable[AreaCode | str] = ()) -> Plan:
    """areas: 12-digit codes of the counties (or places below them) whose figures are needed."""
    definitions = {v.name: _definition(v, as_of, pack.missing) for v in pack.variables.values()}
    programmes = {p.name: _programme(p, as_of) for p in pack.programmes.values()}
    order, _ = graph.ordered(graph.edges(pack.variables, pack.programmes))
    counties = sorted({"", *(str(area)[:6] for area in areas)})
    standing = _standing(pack, as_of)
    return Plan(
        pack=pack,
        as_of=as_of,
        facts=pack.facts,
        definitions=definitions,
        programmes=programmes,
        order=tuple(order),
        parameters={p.name: _parameter(p, as_of) for p in pack.parameters.values()},
        area_values={county: _values(pack, standing, county) for county in counties},
        signs={s.name: s for s in pack.signs.values() if is_in_force(as_of, s.since, s.until)},
    )


def _definition(variable: Variable, as_of: date, missing: str) -> Definition:
    """Where no formula is in force: unknown, or with `missing: default` the type's zero where it has one."""
    expr: Expr = Lit(zero(variable.type) if missing == "default" else None, variable.type)
    if variable.end is None or as_of <= variable.end:
        for since, formula in variable.formulas:
            if since is None or since <= as_of:
                expr = formula
    return Definition(
        variable.name, variable.entity, variable.type, expr, variable.label, variable.unit, variable.period
    )


def _programme(programme: Programme, as_of: date) -> PlannedProgramme:
    label = programme.names[0][1]
    for since, words in programme.names:
        if since is None or since <= as_of:
            label = words
    return PlannedProgramme(
        name=programme.name,
        subject=programme.subject,
        period=programme.period,
        label=label,
        in_force=is_in_force(as_of, *programme.in_force),
        conditions=tuple(c for c in programme.conditions if is_in_force(as_of, c.since, c.until)),
        applies_when=programme.applies_when,
        amount=programme.amount,
        tolerance=programme.tolerance,
        ask_when=programme.ask_when,
        priority=programme.priority,
        excludes=tuple(e for e in programme.excludes if is_in_force(as_of, e.since, e.until)),
    )


# ---- figures -------------------------------------------------------------------------------------------------------
def _parameter(parameter: Parameter, as_of: date) -> Parameter:
    if not isinstance(parameter.scale, Scale):
        return parameter
    found: list[tuple[Decimal, Decimal, Resolved]] = []
    for bracket in parameter.scale.brackets:
        threshold, amount = _latest(bracket.threshold, as_of), _latest(bracket.amount, as_of)
        if threshold and amount and threshold.value is not None and amount.value is not None:
            origin = Resolved(amount.value, "", amount.since, amount.source, amount.article, amount.confidence)
            found.append((Decimal(str(threshold.value)), Decimal(str(amount.value)), origin))
    found.sort(key=lambda row: row[:2])
    brackets = tuple((threshold, amount) for threshold, amount, _ in found)
    scale = PlannedScale(parameter.scale.kind, brackets, tuple(origin for *_, origin in found))
    return replace(parameter, scale=scale)


_Standing = dict[str, dict[str | None, dict[str, Resolved]]]  # parameter → key → area → what holds on the day


def _standing(pack: Pack, as_of: date) -> _Standing:
    found: _Standing = {}
    for parameter in pack.parameters.values():
        latest: dict[tuple[str | None, str], ParameterValue] = {}
        for value in parameter.values:
            before = latest.get((value.key, value.area))
            if value.since <= as_of and (before is None or before.since <= value.since):
                latest[value.key, value.area] = value
        keys = found.setdefault(parameter.name, {})
        for (key, area), v in latest.items():
            if v.value is not None:
                resolved = Resolved(v.value, v.area, v.since, v.source, v.article, v.confidence)
                keys.setdefault(key, {})[area] = resolved
    return found


def _values(pack: Pack, standing: _Standing, county: str) -> dict[tuple[str, str | None], Resolved]:
    found: dict[tuple[str, str | None], Resolved] = {}
    for name, keys in standing.items():
        chain = _chain(pack.parameters[name], county)
        for key, by_area in keys.items():
            if resolved := next((by_area[area] for area in chain if area in by_area), None):
                found[name, key] = resolved
    return {**_defaults(pack), **found}


def _defaults(pack: Pack) -> dict[tuple[str, str | None], Resolved]:
    """With `missing: default` a figure that is not there is 0 or false."""
    if pack.missing != "default":
        return {}
    found: dict[tuple[str, str | None], Resolved] = {}
    for p in pack.parameters.values():
        keys = pack.facts[p.per].values if p.per else (None,)
        if (value := zero(p.type)) is not None and p.scale is None:
            found |= {(p.name, key): Resolved(value, "", date.min, "", "", "A") for key in keys}
    return found


def _chain(parameter: Parameter, county: str) -> list[str]:
    """Codes in which a value is looked for, the nearest first; the nation's is the empty text.

    A city without counties is its own county: both levels have one code.
    """
    widths = [_WIDTH[level] for level in parameter.fallback] if parameter.by else [0]
    codes = [county[:width].ljust(12, "0") if width else "" for width in widths if county or not width]
    return list(dict.fromkeys(codes))


def _latest(values: Iterable[ParameterValue], as_of: date) -> ParameterValue | None:
    return max((v for v in values if v.since <= as_of), key=lambda v: v.since, default=None)
