"""Pieces of the plan's SQL at their edges, by the emitter's own functions: where databases mean different things."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from doudi.engine.policy.model import Calendar, Call, Expr, Lit
from doudi.engine.screening import emit_days
from doudi.engine.screening.duckdb_items import bit_mask
from doudi.engine.screening.emit_sql import emit, quotient
from doudi.engine.screening.sql import Sql, literal, narrowed
from doudi.engine.screening.workdays import Workdays

_HOLIDAYS = Calendar(((date(2020, 1, 23), True), (date(2020, 1, 24), False), (date(2020, 2, 28), False)))
_DAYS = [date(2020, 2, 29), date(2020, 1, 31), date(1999, 12, 31), date(2000, 3, 1), None]


def edges() -> str:
    """One SELECT with a column for each edge, in DuckDB's words."""
    texts = [*_amounts(), *_divisions(), *_days(), *_logic()]
    return "SELECT " + ", ".join(f'{text} AS "edge {n:03d} {"x" * (n % 3) * 40}"' for n, text in enumerate(texts))


def _amounts() -> list[str]:
    """Rounding half away from zero on both sides, and what no longer fits."""
    texts = []
    for value in ("0.005", "-0.005", "2.345", "-2.345", "1.0049", "999999999999.994", "999999999999.995"):
        texts.append(f"TRY_CAST(CAST('{value}' AS DECIMAL(18,6)) AS DECIMAL(14,2))")
        texts.append(f"CAST(CAST('{value}' AS DECIMAL(18,6)) AS DECIMAL(18,1))")
        texts.append(f"CAST(floor(CAST('{value}' AS DECIMAL(18,6))) AS BIGINT)")
    product = "CAST('999999.999999' AS DECIMAL(18,6)) * CAST('-0.333333' AS DECIMAL(18,6))"
    texts.append(narrowed(Sql(f"({product})", "number", 36, 12)).text)
    for wide in (
        "9223372036854775807::HUGEINT + 1",
        "9223372036854775807::HUGEINT + 0",
        "-(9223372036854775807::HUGEINT)",
    ):
        texts.append(f"TRY_CAST(({wide}) AS BIGINT)")
    return texts


def _divisions() -> list[str]:
    texts = []
    for a in ("10.00", "-10.00", "0.01", "-999999999999.99", "0"):
        for b in ("3", "-7", "0.06", "0"):
            x, y = (
                Sql(f"CAST('{a}' AS DECIMAL(14,2))", "money", 14, 2),
                Sql(f"CAST('{b}' AS DECIMAL(14,2))", "money", 14, 2),
            )
            texts += [quotient("number", x, y, scale).text for scale in (0, 2, 6)]
    for value, to, mode in (
        ("12.345", "0.07", "half_up"),
        ("-12.345", "7", "up"),
        ("-12.345", "7", "down"),
        ("1", "0", "up"),
    ):
        texts.append(_said("round", _money(value), _money(to), Lit(mode, "text"), kind="money"))
    return texts


def _days() -> list[str]:
    texts = []
    for day in _DAYS:
        d = Lit(day, "date")
        for n in (1, 12, -12, 13, -24240, 95760, 200_000):
            texts.append(_said("add_months", d, Lit(n, "int"), kind="date"))
        for n in (1, -1, 365, -737_484, 2_914_635, 9_000_000):
            texts.append(_said("add_days", d, Lit(n, "int"), kind="date"))
        for other in (date(2019, 3, 1), date(2020, 2, 28), date(2020, 2, 29)):
            o = Lit(other, "date")
            texts += [_said(op, d, o, kind="int") for op in ("days_between", "months_between", "age_years")]
            for known in (Workdays(Calendar()), Workdays(_HOLIDAYS)):
                texts.append(emit_days.workdays_between([literal(day, "date"), literal(other, "date")], known).text)
        texts += [_said(op, d, kind="int") for op in ("year", "month")]
    return texts


def _logic() -> list[str]:
    unknown = "CAST(NULL AS BOOLEAN)"
    texts = [f"({a} {op} {b})" for op in ("AND", "OR") for a in ("TRUE", "FALSE", unknown) for b in ("FALSE", unknown)]
    for value in ("TRUE", "FALSE", unknown):
        tests = [(f"{value} IS NOT DISTINCT FROM FALSE", bit) for bit in (0, 5, 31, 61)] + [(f"{value} IS NULL", 62)]
        texts.append(f"CAST({bit_mask(tests)} AS BIGINT)")
    texts += [
        "greatest(1, NULL::BIGINT)",
        "least(NULL::BIGINT, 2)",
        "starts_with('341503', '3415')",
        "left('341503', 4)",
    ]
    texts += [
        "list_contains(['a', 'b']::VARCHAR[], 'b')",
        "list_contains([]::VARCHAR[], 'b')",
        "'eligible'::outcome = 'eligible'::outcome",
    ]
    return texts


def _money(value: str) -> Expr:
    return Lit(Decimal(value), "money")


def _said(op: str, *args: Expr, kind: Any) -> str:
    return emit(Call(op, args, kind, "household"), None, date(2020, 7, 20)).text  # no name is asked for
