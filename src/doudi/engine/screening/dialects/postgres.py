"""PostgreSQL (14 or later): what has to be said differently there, and the few functions a session needs for it."""

from __future__ import annotations

import hashlib
from functools import partial

from sqlglot import exp

from doudi.engine.screening.dialects.rewriting import ENUMS, UNSIGNED, Dialect, call, digits_of, kind_of, made

_LONGEST = 63  # bytes of a name; more are cut off without a word

# Functions of the session alone: there is no TRY_CAST, and a date before the calendar is an error instead of a date.
_FUNCTIONS = (
    """CREATE OR REPLACE FUNCTION pg_temp.fitting(amount numeric, width int, places int) RETURNS numeric
LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN abs(round(amount, places)) < power(10::numeric, width - places) THEN round(amount, places) END
$$""",
    """CREATE OR REPLACE FUNCTION pg_temp.whole(n numeric) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN round(n) BETWEEN -9223372036854775808 AND 9223372036854775807 THEN CAST(n AS bigint) END
$$""",
    """CREATE OR REPLACE FUNCTION pg_temp.days_later(day date, n int) RETURNS date LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN day - DATE '0001-01-01' + n BETWEEN 0 AND DATE '9999-12-31' - DATE '0001-01-01' THEN day + n END
$$""",
    """CREATE OR REPLACE FUNCTION pg_temp.months_later(day date, n int) RETURNS date LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN extract(year FROM day) * 12 + extract(month FROM day) - 1 + n BETWEEN 12 AND 119999
    THEN CAST(day + make_interval(months => n) AS date) END
$$""",
    "DROP AGGREGATE IF EXISTS pg_temp.joined(text[])",
    "CREATE AGGREGATE pg_temp.joined(text[]) (SFUNC = array_cat, STYPE = text[])",
)


def _ours(name: str, *arguments: exp.Expr) -> exp.Expr:
    return exp.Dot(this=exp.to_identifier("pg_temp"), expression=call(name, *arguments))


def _cast(node: exp.Expr) -> exp.Expr:
    kind, value = kind_of(node), node.this
    if kind in ENUMS:
        return made("CAST(a AS TEXT)", a=value)
    if kind in UNSIGNED:
        number = isinstance(value, exp.Literal)
        return made("CAST(a AS BIGINT)" if number else "CASE WHEN a THEN CAST(1 AS BIGINT) ELSE 0 END", a=value)
    return made("CAST(a AS DECIMAL(38, 0))", a=value) if kind == "int128" else node


def _try_cast(node: exp.Expr) -> exp.Expr:
    if kind_of(node) == "bigint":
        return _ours("whole", node.this)
    width, places = digits_of(node)
    fitting = _ours("fitting", node.this, exp.Literal.number(width), exp.Literal.number(places))
    return made(f"CAST(a AS {node.args['to'].sql('duckdb')})", a=fitting)


def _whole_division(node: exp.Expr) -> exp.Expr:
    return call("div", node.this, node.expression)


def _part(name: str, node: exp.Expr) -> exp.Expr:
    return made(f"CAST(EXTRACT({name} FROM a) AS BIGINT)", a=node.this)


def _days(node: exp.Expr) -> exp.Expr:
    return made("CAST(a - b AS BIGINT)", a=node.this, b=node.expression)


def _add(node: exp.Expr) -> exp.Expr:
    later = node.expression
    if isinstance(later, exp.Anonymous) and later.name == "to_months":
        return _ours("months_later", node.this, later.expressions[0])
    if isinstance(later, exp.Cast) and kind_of(later) == "int":
        return _ours("days_later", node.this, later)  # only days are counted in an INTEGER
    return node


def _call(node: exp.Expr) -> exp.Expr:
    if node.name == "list_extract":
        values, place = node.expressions
        whole = made("CAST(a AS INTEGER)", a=place)
        return exp.Bracket(this=exp.Paren(this=values.copy()), expressions=[whole], offset=1)  # both count from one
    return node


def _contains(node: exp.Expr) -> exp.Expr:
    return exp.EQ(this=node.expression.copy(), expression=exp.Any(this=exp.Paren(this=node.this.copy())))


def _flat(node: exp.Expr) -> exp.Expr:
    kept = node.this
    of, where = (kept.this, kept.expression) if isinstance(kept, exp.Filter) else (kept, None)
    joined = _ours("joined", of.this)
    return exp.Filter(this=joined, expression=where.copy()) if where else joined


def _starts(node: exp.Expr) -> exp.Expr:
    return call("starts_with", node.this, node.expression)


def _named(node: exp.Expr) -> exp.Expr:
    """Every query in FROM has a name (before version 16 it must)."""
    if isinstance(node.parent, exp.From | exp.Join) and not node.alias:
        named = node.copy()
        named.set("alias", exp.TableAlias(this=exp.to_identifier("q")))
        return named
    return node


def _short(node: exp.Expr) -> exp.Expr:
    short = short_name(node.name)
    return node if short == node.name else exp.to_identifier(short, quoted=True)


def short_name(name: str) -> str:
    """A name of ours as it stands in PostgreSQL."""
    written = name.encode()
    if len(written) <= _LONGEST:
        return name
    return written[:42].decode(errors="ignore") + "~" + hashlib.sha256(written).hexdigest()[:20]


POSTGRES = Dialect(
    "postgres",
    {
        exp.Cast: _cast, exp.TryCast: _try_cast, exp.IntDiv: _whole_division,
        exp.Year: partial(_part, "year"), exp.Month: partial(_part, "month"), exp.Day: partial(_part, "day"),
        exp.DateDiff: _days, exp.Add: _add, exp.Anonymous: _call, exp.ArrayContains: _contains, exp.Flatten: _flat,
        exp.StartsWith: _starts, exp.Subquery: _named, exp.Identifier: _short,
    },
    frozenset(["fitting", "whole", "days_later", "months_later", "joined", "div", "starts_with"]),
    lambda table, query: f'CREATE TEMP TABLE "{table}" AS {query}',
    _FUNCTIONS,
)  # fmt: skip
