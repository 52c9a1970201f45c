"""The strict forms of an aggregate over members: an unknown member makes it unknown (Kleene for any and all).

Plain SUM, COUNT, MAX and BOOL_OR skip NULL, which would turn an unknown wage into a wage of nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from doudi.engine.policy.model import Agg
from doudi.engine.screening.sql import Sql, narrowed, quoted


@dataclass(frozen=True, slots=True)
class Members:
    """A strict aggregate: columns computed per member, the aggregate over them, and its value for nobody."""

    inner: dict[str, str]
    outer: Sql
    nobody: str


def members(agg: Agg, column: str, value: Sql | None, where: Sql | None) -> Members:
    """The strict form of one aggregate. column: a free name for its per-member column."""
    return _MEMBERS[agg.fn](agg, quoted(column), value, where)


def _complete(column: str, then: str) -> str:
    return f"CASE WHEN count({column}) = count(*) THEN {then} END"


def _sum_members(agg: Agg, column: str, value: Sql | None, where: Sql | None) -> Members:
    assert value is not None
    term = value.text if where is None else _counted(value, where)
    total = Sql(_complete(column, f"sum({column})"), agg.type, 38, value.scale)
    return Members({column: term}, narrowed(total), "0")


def _counted(value: Sql, where: Sql) -> str:
    return f"CASE WHEN {where.text} THEN {value.text} WHEN NOT {where.text} THEN 0 END"


def _count_members(agg: Agg, column: str, value: Sql | None, where: Sql | None) -> Members:
    condition = where or value
    assert condition is not None
    total = _complete(column, f"count(*) FILTER (WHERE {column})")
    return Members({column: condition.text}, Sql(total, "int", 9), "0")


def _any_member(agg: Agg, column: str, value: Sql | None, where: Sql | None) -> Members:
    assert value is not None
    term = value.text if where is None else f"({value.text} AND {where.text})"
    found = f"CASE WHEN bool_or({column}) THEN TRUE WHEN count({column}) = count(*) THEN FALSE END"
    return Members({column: term}, Sql(found, "bool"), "FALSE")


def _all_members(agg: Agg, column: str, value: Sql | None, where: Sql | None) -> Members:
    assert value is not None
    term = value.text if where is None else f"({value.text} OR NOT {where.text})"
    found = f"CASE WHEN NOT bool_and({column}) THEN FALSE WHEN count({column}) = count(*) THEN TRUE END"
    return Members({column: term}, Sql(found, "bool"), "TRUE")


def _extreme_member(agg: Agg, column: str, value: Sql | None, where: Sql | None) -> Members:
    assert value is not None
    if where is None:
        return Members({column: value.text}, replace(value, text=_complete(column, f"{agg.fn}({column})")), "NULL")
    doubt = quoted(column.strip('"') + "?")
    inner = {
        column: f"CASE WHEN {where.text} THEN {value.text} END",
        doubt: f"({where.text} IS NULL OR ({where.text} AND {value.text} IS NULL))",
    }
    return Members(inner, replace(value, text=f"CASE WHEN NOT bool_or({doubt}) THEN {agg.fn}({column}) END"), "NULL")


_MEMBERS = {
    "sum": _sum_members, "count_if": _count_members, "any": _any_member, "all": _all_members,
    "min": _extreme_member, "max": _extreme_member,
}  # fmt: skip
