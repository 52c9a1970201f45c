"""One pack on one day: formulas, conditions and figures of that day, in an order in which they can be evaluated."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache

from doudi.engine.policy import exclusions, graph
from doudi.engine.policy.instances import Instances, Law
from doudi.engine.policy.model import (
    Definition,
    Expr,
    Lit,
    Pack,
    Parameter,
    ParameterValue,
    Plan,
    PlannedExclusion,
    PlannedProgramme,
    PlannedScale,
    Programme,
    Resolved,
    Scale,
    Variable,
)
from doudi.engine.policy.periods import plain_name
from doudi.engine.policy.variables import zero
from doudi.engine.values import AreaCode, is_in_force

_WIDTH = {"county": 6, "city": 4, "province": 2, "nation": 0}


def plan(pack: Pack, as_of: date, areas: Iterable[AreaCode | str] = ()) -> Plan:
    """areas: 12-digit codes of the counties (or places below them) whose figures are needed.

    Raises Refused when rules reach too many other months, or over a number of months that is none.
    """
    counties = sorted({"", *(str(area)[:6] for area in areas)})
    other = Instances(pack, as_of, _law(pack, counties))
    programmes = {name: _read_here(p, other) for name, p in _programmes(pack, as_of).items()}
    for v in pack.variables.values():
        other.definitions[v.name] = other.variable(v)
    signs = {s.name: s for s in pack.signs.values() if is_in_force(as_of, s.since, s.until)}
    signs = {name: replace(s, expr=other.here(s.expr, name)) for name, s in signs.items()}
    other.complete()
    definitions = {name: other.definitions[name] for name in [*pack.variables, *sorted(other.definitions)]}
    standing = {p.name: _standing(p, as_of) for p in pack.parameters.values()}
    standing |= {p.name: _standing(pack.parameters[plain], day) for p, plain, day in other.parameters.values()}
    parameters = {p.name: _parameter(p, as_of) for p in pack.parameters.values()}
    parameters |= {name: p for name, (p, _, _) in other.parameters.items()}
    return Plan(
        pack=pack,
        as_of=as_of,
        facts=pack.facts | other.facts,
        definitions=definitions,
        programmes=programmes,
        order=tuple(_ordered(pack, definitions, programmes)),
        parameters=parameters,
        area_values={county: _values(pack, parameters, standing, county) for county in counties},
        signs=signs,
    )


def _law(pack: Pack, counties: Iterable[str]) -> Law:
    """What the pack says on a day, each thing looked up once."""

    @cache
    def held(name: str, day: date) -> dict[tuple[str, str | None], Resolved]:
        parameter = pack.parameters[name]
        keys, chains = _standing(parameter, day), {county: _chain(parameter, county) for county in counties}
        found = {(c, key): _nearest(by_area, chains[c]) for key, by_area in keys.items() for c in chains}
        return {place: resolved for place, resolved in found.items() if resolved is not None}

    return Law(
        formula=lambda v, day: _formula(v, day, pack.missing),
        programme=cache(lambda name, day: _programmes(pack, day)[name]),
        parameter=cache(lambda name, day: _parameter(pack.parameters[name], day)),
        held=held,
    )


def _ordered(
    pack: Pack, definitions: Mapping[str, Definition], programmes: Mapping[str, PlannedProgramme]
) -> list[str]:
    """An order of evaluation; that of the names reached is found among the pack's own, which have no cycle."""
    if len(definitions) == len(pack.variables):
        return graph.ordered(graph.edges(pack.variables, pack.programmes))[0]
    edges = {name: graph.reads(d.expr) for name, d in definitions.items()}
    for p in programmes.values():
        asked = (n for n in graph.reads(*graph.asking(p)) if n != p.name)
        edges[p.name] = tuple(dict.fromkeys([*graph.reads(*graph.deciding(p)), *asked]))
    return graph.ordered(edges)[0]


def _formula(variable: Variable, day: date, missing: str) -> Expr:
    """Where no formula is in force: unknown, or with `missing: default` the type's zero where it has one."""
    expr: Expr = Lit(zero(variable.type) if missing == "default" else None, variable.type)
    if variable.end is None or day <= variable.end:
        for since, formula in variable.formulas:
            if since is None or since <= day:
                expr = formula
    return expr


def _read_here(p: PlannedProgramme, other: Instances) -> PlannedProgramme:
    """A programme whose expressions read other periods by name; itself where they read none."""
    found = replace(
        p,
        conditions=tuple(replace(c, expr=other.here(c.expr, p.name)) for c in p.conditions),
        applies_when=other.here_or_none(p.applies_when, p.name),
        amount=other.here_or_none(p.amount, p.name),
        tolerance=other.here_or_none(p.tolerance, p.name),
        ask_when=other.here_or_none(p.ask_when, p.name),
        priority=tuple(replace(part, when=other.here(part.when, p.name)) for part in p.priority),
    )
    return p if found == p else found


def _programmes(pack: Pack, day: date) -> dict[str, PlannedProgramme]:
    return exclusions.planned({p.name: _programme(p, day) for p in pack.programmes.values()})


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
        excludes=tuple(
            PlannedExclusion(e.programme, e.mode, e.since, e.until)
            for e in programme.excludes
            if is_in_force(as_of, e.since, e.until)
        ),
        once_per=programme.once_per,
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


Placed = dict[tuple[str | None, str], list[ParameterValue]]  # key, area


def placed(parameter: Parameter) -> Placed:
    """A parameter's figures by key and place, for `standing_at`."""
    found: Placed = {}
    for value in parameter.values:
        found.setdefault((value.key, value.area), []).append(value)
    return found


def standing_at(parameter: Parameter, figures: Placed, area: str, key: str | None, day: date) -> ParameterValue | None:
    """The figure of a place (12 digits, empty: the nation) on a day, its own or that of a place above it."""
    for place in _chain(parameter, area[:6]):
        found = _latest(figures.get((key, place), ()), day)
        if found and found.value is not None:
            return found
    return None


_Standing = dict[str | None, dict[str, Resolved]]  # key → area → what holds on the day


def _standing(parameter: Parameter, day: date) -> _Standing:
    latest: dict[tuple[str | None, str], ParameterValue] = {}
    for value in parameter.values:
        before = latest.get((value.key, value.area))
        if value.since <= day and (before is None or before.since <= value.since):
            latest[value.key, value.area] = value
    found: _Standing = {}
    for (key, area), v in latest.items():
        if v.value is not None:
            resolved = Resolved(v.value, v.area, v.since, v.source, v.article, v.confidence)
            found.setdefault(key, {})[area] = resolved
    return found


def _values(
    pack: Pack, parameters: Mapping[str, Parameter], standing: Mapping[str, _Standing], county: str
) -> dict[tuple[str, str | None], Resolved]:
    found: dict[tuple[str, str | None], Resolved] = {}
    for name, keys in standing.items():
        chain = _chain(parameters[name], county)
        for key, by_area in keys.items():
            if (resolved := _nearest(by_area, chain)) is not None:
                found[name, key] = resolved
    return {**_defaults(pack, parameters), **found}


def _nearest(by_area: Mapping[str, Resolved], chain: Iterable[str]) -> Resolved | None:
    return next((by_area[area] for area in chain if area in by_area), None)


def _defaults(pack: Pack, parameters: Mapping[str, Parameter]) -> dict[tuple[str, str | None], Resolved]:
    """With `missing: default` a figure that is not there is 0 or false."""
    if pack.missing != "default":
        return {}
    found: dict[tuple[str, str | None], Resolved] = {}
    for p in parameters.values():
        keys = pack.facts[plain_name(p.per)].values if p.per else (None,)
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
