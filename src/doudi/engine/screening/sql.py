"""Pieces of SQL that know their type, and the DECIMALs they are kept in.

Amounts stay in DECIMALs of at most 18 digits, which DuckDB keeps in 64 bits: `Sql` carries width and scale, and only
where a result could leave its range (`ranges.py`) it is cast back and unknown when it does not fit.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from doudi.engine.policy.model import Scalar, Type
from doudi.engine.screening.ranges import COUNT_DIGITS, WHOLE_DIGITS

WIDEST, FINEST = 18, 6
SQL_TYPES: dict[Type, str] = {
    "bool": "BOOLEAN", "int": "BIGINT", "number": "DECIMAL(18,6)", "money": "DECIMAL(14,2)", "rate": "DECIMAL(18,6)",
    "date": "DATE", "text": "VARCHAR", "enum": "VARCHAR", "area": "VARCHAR",
}  # fmt: skip
_DIGITS: dict[Type, tuple[int, int]] = {"int": (18, 0), "number": (18, 6), "money": (14, 2), "rate": (18, 6)}


@dataclass(frozen=True, slots=True)
class Sql:
    """A piece of SQL; width and scale are those of its DECIMAL (an int counts as one of scale 0)."""

    text: str
    type: Type
    width: int = 0
    scale: int = 0


def quoted(name: str) -> str:
    """An identifier; qualified names (`dibao.income`) are columns of that very name."""
    return '"' + name.replace('"', '""') + '"'


def text(value: str) -> str:
    """A text literal."""
    return "'" + value.replace("'", "''") + "'"


def stored(column: str, type: Type) -> Sql:
    """A column as it stands in a snapshot or a parameter table."""
    width, scale = _DIGITS.get(type, (0, 0))
    return Sql(column, type, width, scale)


def literal(value: Scalar, type: Type) -> Sql:
    """A constant in the narrowest DECIMAL that holds it; None is an unknown of the type."""
    if value is None:
        return stored(f"CAST(NULL AS {SQL_TYPES[type]})", type)
    if isinstance(value, bool):
        return Sql("TRUE" if value else "FALSE", "bool")
    if isinstance(value, int) and type == "int":
        return Sql(str(value), "int", len(str(abs(value))), 0)
    if isinstance(value, int | Decimal):
        exact = Decimal(value)
        scale = max(0, -int(exact.as_tuple().exponent))
        width = max(len(str(abs(int(exact)))), 1) + scale
        return Sql(f"CAST('{exact:f}' AS DECIMAL({width},{scale}))", type, width, scale)
    if isinstance(value, date):
        return Sql(f"DATE '{value.isoformat()}'", "date")
    return Sql(text(value), type)


def narrowest(values: Iterable[Scalar], type: Type) -> Sql:
    """The SQL type (as a piece without text) that holds all of these constants."""
    if type not in _DIGITS or type == "int":
        return stored("", type)
    pieces = [literal(v, type) for v in values if v is not None] or [literal(Decimal(0), type)]
    scale = max(p.scale for p in pieces)
    return Sql("", type, max(p.width - p.scale for p in pieces) + scale, scale)


def type_of(sql: Sql) -> str:
    """The name of a column's SQL type."""
    return SQL_TYPES[sql.type] if sql.type not in _DIGITS or sql.type == "int" else f"DECIMAL({sql.width},{sql.scale})"


def narrowed(sql: Sql) -> Sql:
    """Back into range (`ranges.py`) with at most six decimals, half away from zero; what does not fit is unknown."""
    if sql.type == "int":
        inside = f"TRY_CAST(TRY_CAST({sql.text} AS DECIMAL({COUNT_DIGITS},0)) AS BIGINT)"
        return sql if sql.width <= COUNT_DIGITS else replace(sql, text=inside, width=COUNT_DIGITS)
    scale, whole = min(sql.scale, FINEST), sql.width - sql.scale
    if whole <= WHOLE_DIGITS and scale == sql.scale:
        return sql
    whole = min(whole + (scale < sql.scale), WHOLE_DIGITS)  # rounding may carry
    return replace(
        sql, text=f"TRY_CAST({sql.text} AS DECIMAL({whole + scale},{scale}))", width=whole + scale, scale=scale
    )


def as_decimal(sql: Sql, width: int = 0, scale: int | None = None) -> str:
    """An amount as a DECIMAL of its own size, or a wider one."""
    width, scale = max(width, sql.width), sql.scale if scale is None else scale
    if sql.type != "int" and (width, scale) == (sql.width, sql.scale):
        return sql.text
    return f"CAST({sql.text} AS DECIMAL({width},{scale}))"


def alike(type: Type, args: list[Sql]) -> list[Sql]:
    """Alternatives of one value in one DECIMAL, so that none loses digits."""
    if type not in _DIGITS:
        return args
    if type == "int":
        width = max(a.width for a in args)
        return [replace(a, type=type, width=width) for a in args]
    scale = max(a.scale for a in args)
    width = max(a.width - a.scale for a in args) + scale
    return [Sql(f"CAST({a.text} AS DECIMAL({width},{scale}))", type, width, scale) for a in args]
