"""An expression of the typed tree as DuckDB SQL: a table from operator to emitter (decision 0002 fixes the meaning)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any, Protocol

from doudi.engine.policy.model import Agg, Call, Enrolled, Expr, Lit, Ref, Scalar, Type
from doudi.engine.screening import emit_days
from doudi.engine.screening.emit_scales import scale
from doudi.engine.screening.sql import FINEST, WIDEST, Sql, alike, as_decimal, literal, narrowed, text
from doudi.engine.screening.workdays import Workdays
from doudi.engine.words import Fault, Refused


class Names(Protocol):
    """Where a name, an aggregate over members or an enrolment stands in the query being written."""

    def name(self, ref: Ref) -> Sql: ...
    def members(self, agg: Agg) -> Sql: ...
    def enrolled(self, node: Enrolled) -> Sql: ...
    def workdays(self) -> Workdays: ...


def emit(expr: Expr, names: Names, as_of: date) -> Sql:
    """The SQL of one expression; raises Refused for an operator the bulk engine does not have."""
    if isinstance(expr, Lit):
        return literal(expr.value, expr.type)
    if isinstance(expr, Ref):
        return names.name(expr)
    if isinstance(expr, Agg):
        return names.members(expr)
    if isinstance(expr, Enrolled):
        return names.enrolled(expr)
    if expr.op == "as_of":
        return literal(as_of, "date")
    if (told := emit_days.age_compared(expr, as_of)) is not None:
        born, test = told
        return Sql(test.format(emit(born, names, as_of).text), "bool")
    if expr.op in ("+", "-"):
        return _total(expr, names, as_of)
    args = [emit(a, names, as_of) for a in expr.args]
    if expr.op == "age_years" and len(args) == 1:
        args.append(literal(as_of, "date"))
    if expr.op == "workdays_between":
        return emit_days.workdays_between(args, names.workdays())
    if expr.op not in _OPERATORS:
        raise Refused(Fault("screening.operator_missing", {"op": expr.op}))
    return _OPERATORS[expr.op](expr, args)


# ---- truth and choice ------------------------------------------------------------------------------------------------
def _joined(word: str) -> Callable[[Call, list[Sql]], Sql]:
    return lambda e, args: Sql("(" + f" {word} ".join(a.text for a in args) + ")", "bool")


def _not(e: Call, args: list[Sql]) -> Sql:
    return Sql(f"(NOT {args[0].text})", "bool")


def _compared(sign: str) -> Callable[[Call, list[Sql]], Sql]:
    return lambda e, args: Sql(f"({args[0].text} {sign} {args[1].text})", "bool")


def _in(e: Call, args: list[Sql]) -> Sql:
    # IN is safe here only because every item is a literal: an unknown among them would hide a "no".
    return Sql(f"({args[0].text} IN ({', '.join(a.text for a in args[1:])}))", "bool")


def _if(e: Call, args: list[Sql]) -> Sql:
    when, a, b = args[0].text, *alike(e.type, args[1:])
    chosen = f"CASE WHEN {when} THEN {a.text} WHEN NOT {when} THEN {b.text} WHEN {a.text} = {b.text} THEN {a.text} END"
    return narrowed(replace(a, text=f"({chosen})"))


def _known_or(e: Call, args: list[Sql]) -> Sql:
    parts = alike(e.type, args)
    return narrowed(replace(parts[0], text=f"coalesce({', '.join(a.text for a in parts)})"))


def _is_known(e: Call, args: list[Sql]) -> Sql:
    return Sql(f"({args[0].text} IS NOT NULL)", "bool")


def _extreme(function: str) -> Callable[[Call, list[Sql]], Sql]:
    def emitter(e: Call, args: list[Sql]) -> Sql:
        parts = alike(e.type, args)
        known = " AND ".join(f"{a.text} IS NOT NULL" for a in parts)
        # greatest and least skip NULL, so they may only see known values.
        picked = f"{function}({', '.join(a.text for a in parts)})"
        return narrowed(replace(parts[0], text=f"(CASE WHEN {known} THEN {picked} END)"))

    return emitter


# ---- arithmetic ------------------------------------------------------------------------------------------------------
def _total(e: Call, names: Names, as_of: date) -> Sql:
    """A chain of + and -, added up in pairs: eight amounts need three digits more that way, not seven."""
    signed: dict[bool, list[Sql]] = {True: [], False: []}
    for plus, term in _terms(e, True):
        signed[plus].append(emit(term, names, as_of))
    added = _in_pairs(e.type, signed[True])
    if signed[False]:
        added = _sum_of_two(e.type, "-", added, _in_pairs(e.type, signed[False]))
    return narrowed(added)


def _terms(e: Expr, plus: bool) -> Iterator[tuple[bool, Expr]]:
    if isinstance(e, Call) and e.op == "+":
        for a in e.args:
            yield from _terms(a, plus)
    elif isinstance(e, Call) and e.op == "-":
        yield from _terms(e.args[0], plus)
        for a in e.args[1:]:
            yield from _terms(a, not plus)
    else:
        yield plus, e


def _in_pairs(type: Type, terms: list[Sql]) -> Sql:
    while len(terms) > 1:
        pairs = [terms[i : i + 2] for i in range(0, len(terms), 2)]
        terms = [_sum_of_two(type, "+", *pair) if len(pair) == 2 else pair[0] for pair in pairs]
    return terms[0]


def _sum_of_two(type: Type, sign: str, a: Sql, b: Sql) -> Sql:
    scale = max(a.scale, b.scale)
    width = max(a.width - a.scale, b.width - b.scale) + scale + 1
    if type == "int":
        left = f"{a.text}::HUGEINT" if width > WIDEST else a.text
        return Sql(f"({left} {sign} {b.text})", "int", width)
    if width <= WIDEST:
        return Sql(f"({as_decimal(a)} {sign} {as_decimal(b)})", type, width, scale)
    return Sql(f"({as_decimal(a, width, scale)} {sign} {as_decimal(b, width, scale)})", type, width, scale)


def _times(e: Call, args: list[Sql]) -> Sql:
    product = args[0]
    for factor in args[1:]:
        product = _product_of_two(e.type, product, factor)
    return product


def _product_of_two(type: Type, a: Sql, b: Sql) -> Sql:
    width, scale = a.width + b.width, a.scale + b.scale
    if type == "int":
        left = f"{a.text}::HUGEINT" if width > WIDEST else a.text
        return narrowed(Sql(f"({left} * {b.text})", "int", width))
    # DuckDB multiplies two DECIMALs of 18 digits in 64 bits and stops the run when the product does not fit.
    left = as_decimal(a, WIDEST + 1) if width > WIDEST else as_decimal(a)
    return narrowed(Sql(f"({left} * {as_decimal(b)})", type, width, scale))


def _neg(e: Call, args: list[Sql]) -> Sql:
    return replace(args[0], text=f"(-{args[0].text})")


def _abs(e: Call, args: list[Sql]) -> Sql:
    return replace(args[0], text=f"abs({args[0].text})")


def _floor(e: Call, args: list[Sql]) -> Sql:
    if e.type == "int":
        return Sql(f"CAST(floor({args[0].text}) AS BIGINT)", "int", WIDEST)
    width = args[0].width - args[0].scale + 1  # of an amount just above −10^12
    return narrowed(Sql(f"CAST(floor({args[0].text}) AS DECIMAL({width},0))", e.type, width, 0))


def _div(e: Call, args: list[Sql]) -> Sql:
    scale = e.args[2].value if len(e.args) > 2 and isinstance(e.args[2], Lit) else None
    return quotient(e.type, args[0], args[1], scale if isinstance(scale, int) else FINEST)


def _per_month(e: Call, args: list[Sql]) -> Sql:
    return quotient(e.type, args[0], literal(12, "int"), FINEST)


def quotient(type: Type, a: Sql, b: Sql, scale: int) -> Sql:
    """Exact: DECIMAL / anything is DOUBLE in DuckDB, so whole millionths are divided."""
    n, d = f"{_millionths(a)} * {10**scale}::HUGEINT", _millionths(b)
    # A divisor of 0 is NULL before the division; sign(n) * sign(d) carries the sign past the whole division.
    divisor = f"nullif(abs({d}), 0)"
    rounded = f"(2 * abs({n}) + {divisor}) // (2 * {divisor})"
    return _of_units(f"sign({n}) * sign({d}) * ({rounded})", type, scale)


def _round(e: Call, args: list[Sql]) -> Sql:
    value, to, mode = args
    step, how = e.args[1], e.args[2]
    if isinstance(step, Lit) and isinstance(how, Lit) and how.value == "half_up":
        places = _places(step.value)
        if places is not None:
            return narrowed(replace(_to_scale(value, places), type=e.type))
    n, t = f"abs({_millionths(value)})", f"CASE WHEN {to.text} > 0 THEN {_millionths(to)} END"
    ways = {"half_up": f"(2 * {n} + {t}) // (2 * {t})", "up": f"({n} + {t} - 1) // {t}", "down": f"{n} // {t}"}
    cases = " ".join(f"WHEN {text(name)} THEN {way}" for name, way in ways.items())
    steps = f"CASE {mode.text} {cases} END"
    return _of_units(f"sign({_millionths(value)}) * ({steps}) * ({t})", e.type, FINEST)


def _to_scale(value: Sql, places: int) -> Sql:
    if value.scale <= places:
        return value
    width = min(value.width - value.scale + places + 1, WIDEST)
    return replace(value, text=f"CAST({value.text} AS DECIMAL({width},{places}))", width=width, scale=places)


def _places(to: Scalar) -> int | None:
    """Decimals of 1, 0.1, 0.01 …; None for any other step."""
    step = Decimal(to) if isinstance(to, int | Decimal) and not isinstance(to, bool) else Decimal(0)
    places = -int(step.normalize().as_tuple().exponent)
    return places if step > 0 and step == Decimal(1).scaleb(-places) and 0 <= places <= FINEST else None


def _millionths(a: Sql) -> str:
    return f"CAST(CAST({a.text} AS DECIMAL(32,6)) * 1000000::DECIMAL(7,0) AS HUGEINT)" if a.width <= 26 else _huge(a)


def _huge(a: Sql) -> str:
    return f"CAST(TRY_CAST({a.text} AS DECIMAL(32,6)) * 1000000::DECIMAL(7,0) AS HUGEINT)"


def _of_units(units: str, type: Type, scale: int) -> Sql:
    """A whole number of 10^-scale as a DECIMAL."""
    unit = Decimal(1).scaleb(-scale)
    exact = f"TRY_CAST({units} AS DECIMAL(30,0)) * CAST('{unit:f}' AS DECIMAL({scale + 1},{scale}))"
    return narrowed(Sql(f"({exact})", type, 38, scale))


_OPERATORS: dict[str, Callable[[Any, list[Sql]], Sql]] = {
    "and": _joined("AND"), "or": _joined("OR"), "not": _not,
    "==": _compared("="), "!=": _compared("<>"), "<": _compared("<"), "<=": _compared("<="),
    ">": _compared(">"), ">=": _compared(">="), "in": _in,
    "if": _if, "known_or": _known_or, "is_known": _is_known, "min": _extreme("least"), "max": _extreme("greatest"),
    "*": _times, "neg": _neg, "abs": _abs, "floor": _floor,
    "div": _div, "per_month": _per_month, "round": _round,
    "scale": scale,
    **emit_days.OPERATORS,
}  # fmt: skip
