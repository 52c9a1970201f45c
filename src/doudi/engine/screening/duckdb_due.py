"""The next day on which time alone can change an answer: a birthday, or a day that a rule compares with today.

`--since` recomputes a household when this day has come. Too early costs a recomputation, too late would miss a change:
whatever uses the day of the run in another way is due tomorrow.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from doudi.engine.policy.model import Call, Entity, Expr, Plan
from doudi.engine.policy.periods import period_of
from doudi.engine.screening.bounds import children
from doudi.engine.screening.duckdb_items import Item, Items, constant
from doudi.engine.screening.reach import Reach
from doudi.engine.screening.sql import Sql, quoted
from doudi.engine.values import Month

_COMPARISONS = ("<", "<=", ">", ">=", "==", "!=")


def due_names(plan: Plan, items: Items, reached: Reach) -> dict[Entity, list[str]]:
    """Columns holding such a day (NULL: none), added to the items, by the entity whose rows carry them.

    reached: what the answers rest on; other rules move nothing.
    """
    names: dict[Entity, list[str]] = {"person": [], "household": []}
    expressions = list(reached.expressions(plan))
    if any(_uses_day(e) for e in expressions):
        names["household"].append(_tomorrow(plan, items))
    if any(period_of(name) for _, name in reached.names):
        names["household"].append(_next_month(plan, items))
    for n, (entity, expr, is_birth) in enumerate(sorted(set(_days(expressions)), key=repr)):
        value, due = f"due:{n}", f"due:{n}:next"
        items.add(value, entity, expr)
        if not _stands_in_row(plan, entity, items.needed([value]) - {value}, items):
            del items.all[value]
            names["household"].append(_tomorrow(plan, items))
            continue
        text = (_next_birthday if is_birth else _when_ahead)(quoted(value), plan.as_of)
        items.all[due] = Item(due, entity, frozenset((value,)), constant(Sql(text, "date")))
        names[entity].append(due)
    return names


def _stands_in_row(plan: Plan, entity: Entity, names: set[str], items: Items) -> bool:
    """Whether a day can be told from a subject's own row: nothing computed, for a person nothing of the household."""
    facts = [plan.facts[n] for n in names if n in plan.facts]
    return not names & items.all.keys() and all(f.entity == entity for f in facts)


def _tomorrow(plan: Plan, items: Items) -> str:
    text = f"DATE '{plan.as_of.isoformat()}' + 1"
    items.all["due:tomorrow"] = Item("due:tomorrow", "household", frozenset(), constant(Sql(text, "date")))
    return "due:tomorrow"


def _next_month(plan: Plan, items: Items) -> str:
    """Months are counted back from that of the run: another one is read when it turns."""
    text = f"DATE '{Month.of(plan.as_of).plus(1).first.isoformat()}'"
    items.all["due:month"] = Item("due:month", "household", frozenset(), constant(Sql(text, "date")))
    return "due:month"


def _next_birthday(born: str, as_of: date) -> str:
    # Born on 29 February: a year older on 1 March.
    day = f"(CASE WHEN month({born}) = 2 AND day({born}) = 29 THEN {born} + 1 ELSE {born} END)"
    had = f"CASE WHEN month({day}) * 100 + day({day}) <= {as_of.month * 100 + as_of.day} THEN 1 ELSE 0 END"
    return f"make_date({as_of.year} + {had}, month({day}), day({day}))"


def _when_ahead(day: str, as_of: date) -> str:
    today = f"DATE '{as_of.isoformat()}'"
    return f"CASE WHEN {day} > {today} THEN {day} WHEN {day} = {today} THEN {day} + 1 END"


def _days(expressions: Iterable[Expr]) -> Iterator[tuple[Entity, Expr, bool]]:
    for expr in expressions:
        for node in _all(expr):
            if (born := _age_of(node)) is not None:
                yield born.entity or "household", born, True
            elif (day := _compared_day(node)) is not None:
                yield day.entity or "household", day, False


def _all(expr: Expr) -> Iterator[Expr]:
    yield expr
    for child in children(expr):
        yield from _all(child)


def _is_today(expr: Expr) -> bool:
    return isinstance(expr, Call) and expr.op == "as_of"


def _age_of(node: Expr) -> Expr | None:
    """The date whose age today a node is."""
    if isinstance(node, Call) and node.op == "age_years" and (len(node.args) == 1 or _is_today(node.args[1])):
        return None if _uses_day(node.args[0]) else node.args[0]
    return None


def _compared_day(node: Expr) -> Expr | None:
    """The other side of a comparison with the day of the run."""
    if not isinstance(node, Call) or node.op not in _COMPARISONS:
        return None
    others = [a for a in node.args if not _is_today(a)]
    return others[0] if len(others) == 1 and not _uses_day(others[0]) else None


def _uses_day(expr: Expr) -> bool:
    """Whether today is used otherwise than in an age or a comparison that `_days` finds."""
    if _is_today(expr):
        return True
    if (known := _age_of(expr) or _compared_day(expr)) is not None:
        return _uses_day(known)
    if isinstance(expr, Call) and expr.op == "age_years" and len(expr.args) == 1:
        return True
    return any(_uses_day(c) for c in children(expr))
