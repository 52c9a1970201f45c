"""Spark SQL (4, `spark.sql.ansi.enabled`): what has to be said differently there."""

from __future__ import annotations

from functools import partial

from sqlglot import exp

from doudi.engine.screening.dialects.rewriting import ENUMS, UNSIGNED, Dialect, call, kind_of, made

_WIDE = "DECIMAL(38, 0)"  # for DuckDB's HUGEINT


def _cast(node: exp.Expr) -> exp.Expr:
    kind, value = kind_of(node), node.this
    if kind in ENUMS:
        return value if isinstance(value, exp.Literal) else made("CAST(a AS TEXT)", a=value)
    if kind in UNSIGNED:
        number = isinstance(value, exp.Literal)
        return made("CAST(a AS BIGINT)" if number else "CASE WHEN a THEN CAST(1 AS BIGINT) ELSE 0 END", a=value)
    return made(f"CAST(a AS {_WIDE})", a=value) if kind == "int128" else node


def _sum(node: exp.Expr) -> exp.Expr:
    # Of a BIGINT it is a BIGINT there: too much is NULL, as TRY_CAST makes it here.
    return call("try_sum", node.this)


def _sign(node: exp.Expr) -> exp.Expr:
    # sign() is a DOUBLE there.
    return made("CASE WHEN a > 0 THEN 1 WHEN a < 0 THEN -1 WHEN a = 0 THEN 0 END", a=node.this)


def _whole_division(node: exp.Expr) -> exp.Expr:
    if isinstance(node.expression, exp.Literal):
        return node
    # DIV gives a BIGINT, and / of wide numbers six decimals: exact where nothing remains.
    a, b = (made(f"CAST(a AS {_WIDE})", a=part) for part in (node.this, node.expression))
    return made(f"CAST(try_divide(a - a % b, b) AS {_WIDE})", a=a, b=b)


def _part(name: str, node: exp.Expr) -> exp.Expr:
    # An INT there; what is multiplied further on has to have room.
    return made("CAST(a AS BIGINT)", a=call(name, node.this))


def _days(node: exp.Expr) -> exp.Expr:
    return made("CAST(a AS BIGINT)", a=call("datediff", node.this, node.expression))


def _add(node: exp.Expr) -> exp.Expr:
    months = node.expression
    if isinstance(months, exp.Anonymous) and months.name == "to_months":
        return call("add_months", node.this, months.expressions[0])
    return node


def _call(node: exp.Expr) -> exp.Expr:
    if node.name == "list_extract":
        values, place = node.expressions
        return call("element_at", values, made("CAST(a AS INTEGER)", a=place))
    return node


def _create(table: str, query: str) -> str:
    return f"CACHE TABLE `{table}` AS {query}"


SPARK = Dialect(
    "spark",
    {
        exp.Cast: _cast, exp.Sum: _sum, exp.Sign: _sign, exp.IntDiv: _whole_division,
        exp.Year: partial(_part, "year"), exp.Month: partial(_part, "month"), exp.Day: partial(_part, "day"),
        exp.DateDiff: _days, exp.Add: _add, exp.Anonymous: _call,
    },
    frozenset(["try_sum", "try_divide", "year", "month", "day", "datediff", "add_months", "element_at"]),
    _create,
)  # fmt: skip
