"""The strict forms of an aggregate over members: an unknown member makes it unknown (Kleene for any and all).

Plain SUM, COUNT, MAX and BOOL_OR skip NULL, which would turn an unknown wage into a wage of nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from doudi.engine.policy.model import Agg, Call, Expr, Lit
from doudi.engine.screening.sql import Sql, narrowed, quoted


@dataclass(slots=True)
class Inner:
    """The columns computed per member, each expression once: aggregates over one column are computed once too."""

    columns: dict[str, str] = field(default_factory=dict)  # SQL → quoted name

    def at(self, text: str) -> str:
        return self.columns.setdefault(text, quoted(f"of:{len(self.columns)}"))

    def select(self) -> list[str]:
        return [f"{text} AS {name}" for text, name in self.columns.items()]


@dataclass(frozen=True, slots=True)
class Members:
    """A strict aggregate over columns of `Inner`, and its value for nobody."""

    outer: Sql
    nobody: str


def members(agg: Agg, inner: Inner, emit: Callable[[Expr], Sql]) -> Members:
    """The strict form of one aggregate; its per-member columns are added to `inner`."""
    if agg.fn == "count_if":
        return _count_members(agg, inner, emit)
    assert agg.value is not None
    return _MEMBERS[agg.fn](agg, inner, emit(agg.value), None if agg.where is None else emit(agg.where))


def _complete(column: str, then: str) -> str:
    return f"CASE WHEN count({column}) = count(*) THEN {then} END"


def _sum_members(agg: Agg, inner: Inner, value: Sql, where: Sql | None) -> Members:
    column = inner.at(value.text if where is None else _counted(value, where))
    total = Sql(_complete(column, f"sum({column})"), agg.type, 38, value.scale)
    return Members(narrowed(total), "0")


def _counted(value: Sql, where: Sql) -> str:
    return f"CASE WHEN {where.text} THEN {value.text} WHEN NOT {where.text} THEN 0 END"


def _count_members(agg: Agg, inner: Inner, emit: Callable[[Expr], Sql]) -> Members:
    """Of a condition, and of its bounds `known_or(condition, FALSE or TRUE)`: the three share their aggregates."""
    condition, otherwise = agg.where or agg.value, None
    if isinstance(condition, Call) and condition.op == "known_or" and len(condition.args) == 2:
        first, last = condition.args
        if isinstance(last, Lit) and isinstance(last.value, bool):
            condition, otherwise = first, last.value
    assert condition is not None
    column = inner.at(emit(condition).text)
    met = f"count(*) FILTER (WHERE {column})"
    if otherwise is None:
        met = _complete(column, met)
    elif otherwise:
        met = f"({met} + count(*) - count({column}))"
    return Members(Sql(met, "int", 9), "0")


def _any_member(agg: Agg, inner: Inner, value: Sql, where: Sql | None) -> Members:
    column = inner.at(value.text if where is None else f"({value.text} AND {where.text})")
    found = f"CASE WHEN bool_or({column}) THEN TRUE WHEN count({column}) = count(*) THEN FALSE END"
    return Members(Sql(found, "bool"), "FALSE")


def _all_members(agg: Agg, inner: Inner, value: Sql, where: Sql | None) -> Members:
    column = inner.at(value.text if where is None else f"({value.text} OR NOT {where.text})")
    found = f"CASE WHEN NOT bool_and({column}) THEN FALSE WHEN count({column}) = count(*) THEN TRUE END"
    return Members(Sql(found, "bool"), "TRUE")


def _extreme_member(agg: Agg, inner: Inner, value: Sql, where: Sql | None) -> Members:
    if where is None:
        column = inner.at(value.text)
        return Members(replace(value, text=_complete(column, f"{agg.fn}({column})")), "NULL")
    column = inner.at(f"CASE WHEN {where.text} THEN {value.text} END")
    doubt = inner.at(f"({where.text} IS NULL OR ({where.text} AND {value.text} IS NULL))")
    return Members(replace(value, text=f"CASE WHEN NOT bool_or({doubt}) THEN {agg.fn}({column}) END"), "NULL")


_MEMBERS = {
    "sum": _sum_members, "any": _any_member, "all": _all_members, "min": _extreme_member, "max": _extreme_member,
}  # fmt: skip
