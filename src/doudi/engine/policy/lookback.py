"""How far the rules of a pack look back: a number of months is 1 to 120, and what they reach together has an end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from doudi.engine.policy import graph
from doudi.engine.policy.instances import MOST_MONTHS, READ_AT
from doudi.engine.policy.item import Item
from doudi.engine.policy.model import Call, Expr, Pack, Ref
from doudi.engine.policy.plan import plan
from doudi.engine.words import Refused

_DAYS = 6  # on which a plan is tried: the newest on which a formula begins
_ANY_DAY = date(2020, 1, 1)


def check_lookback(pack: Pack, places: Mapping[str, Item]) -> None:
    """places: where each name is declared. Faults stand at the parameter, or at the rule that reaches too far."""
    calls = [e for expr in _expressions(pack) for e in graph.parts(expr) if isinstance(e, Call) and e.op in READ_AT]
    if not calls:
        return
    counting = {n.name for e in calls for n in e.args[1:] if isinstance(n, Ref)}
    values = [(name, v.value) for name in sorted(counting) for v in pack.parameters[name].values]
    wrong = {name: v for name, v in values if v is not None and not (isinstance(v, int) and 1 <= v <= MOST_MONTHS)}
    for name, value in wrong.items():
        places[name].fault("policy.months_range", name=name, value=value, limit=MOST_MONTHS)
    if not wrong:
        areas = {v.area for name in counting for v in pack.parameters[name].values if v.area}
        _try(pack, areas, places)


def _try(pack: Pack, areas: set[str], places: Mapping[str, Item]) -> None:
    """Size hangs on days only through the formulas that hold on them."""
    begins = {since for v in pack.variables.values() for since, _ in v.formulas if since}
    for day in sorted(begins | {pack.in_force[0] or _ANY_DAY})[-_DAYS:]:
        try:
            plan(pack, day, areas)
        except Refused as refused:
            for fault in refused.faults:
                first = fault.path.partition(" → ")[0]
                place = places.get(first) or places[f"{first}.eligible"]
                place.fault(fault.code, **fault.fields)
            return


def _expressions(pack: Pack) -> Iterator[Expr]:
    for v in pack.variables.values():
        yield from (expr for _, expr in v.formulas)
    for p in pack.programmes.values():
        yield from (e for e in (*graph.deciding(p), *graph.asking(p)) if e is not None)
    yield from (s.expr for s in pack.signs.values())
