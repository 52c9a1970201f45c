"""Scales of an expression as DuckDB SQL: one CASE, what was passed below already added up."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from doudi.engine.policy.model import Call, Type
from doudi.engine.screening.scales import table_of
from doudi.engine.screening.sql import WIDEST, Sql, as_decimal, literal, narrowed, narrowest, type_of


def scale(e: Call, args: list[Sql]) -> Sql:
    """The amount of the bracket, the amounts passed, or the slices at their rates; an unknown value has none."""
    table, x = table_of(e), args[0]
    thresholds = [literal(t, "number").text for t, _ in table.brackets]
    if table.kind == "marginal_rate":
        rows = [(threshold, rate, step) for (threshold, rate), step in zip(table.brackets, table.steps, strict=True)]
        return _case(x, thresholds, [_slice(e.type, x, *row) for row in rows], "<=", e.type)
    kind = narrowest((0, *table.steps), e.type)
    steps = [replace(kind, text=f"CAST({_plain(step, e.type)} AS {type_of(kind)})") for step in table.steps]
    return _case(x, thresholds, steps, "<" if table.kind == "single_amount" else "<=", e.type)


def _plain(step: Decimal, type: Type) -> str:
    return literal(int(step) if type == "int" else step, type).text


def _case(x: Sql, thresholds: list[str], steps: list[Sql], below: str, type: Type) -> Sql:
    """`below` the first threshold 0, else the last step whose threshold is passed."""
    scale = max(s.scale for s in steps)
    width = min(max(s.width - s.scale for s in steps) + scale, 38)
    whole = Sql("", type, width, scale)
    nothing = f"CAST(0 AS {type_of(whole)})"
    found = [nothing, *(s.text for s in steps[:-1])]
    tests = [f"WHEN {x.text} {below} {t} THEN {s}" for t, s in zip(thresholds, found, strict=True)]
    passed = ">=" if below == "<" else ">"
    case = f"CASE {' '.join(tests)} WHEN {x.text} {passed} {thresholds[-1]} THEN {steps[-1].text} END"
    return narrowed(replace(whole, text=f"({case})"))


def _slice(type: Type, x: Sql, threshold: Decimal, rate: Decimal, step: Decimal) -> Sql:
    """What is passed already and the part above the threshold at its rate: exact, rounded at the end only."""
    from_here, at, before = literal(threshold, "number"), literal(rate, "rate"), literal(step, "number")
    finest = max(x.scale, from_here.scale)
    part = narrowed(
        Sql(
            f"({as_decimal(x)} - {from_here.text})",
            "number",
            max(x.width - x.scale, from_here.width - from_here.scale) + finest + 1,
            finest,
        )
    )
    scale = max(part.scale + at.scale, before.scale)
    width = max(part.width + at.width - part.scale - at.scale, before.width - before.scale) + scale + 1
    of_part = as_decimal(part, WIDEST + 1) if part.width + at.width > WIDEST else part.text
    total = f"({before.text} + {of_part} * {at.text})"
    return Sql(total, type, min(width, 38), scale)
