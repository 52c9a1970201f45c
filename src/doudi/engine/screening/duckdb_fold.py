"""Constants worked out before SQL is written: a rule like `if(hukou_test == "any_member", …)` costs nothing per row.

Only what leaves the meaning untouched, unknown included: `x * 0` stays, because of an unknown x it is unknown.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

from doudi.engine.policy.model import Agg, Call, Expr, Lit, Ref, Scalar

Known = Callable[[Ref], tuple[bool, Scalar]]  # a name → whether it is the same for every row, and its value


def folded(expr: Expr, known: Known) -> Expr:
    """The expression with constant names written in and constant parts worked out."""
    if isinstance(expr, Ref):
        is_constant, value = known(expr)
        return Lit(value, expr.type) if is_constant else expr
    if isinstance(expr, Agg):
        return replace(
            expr, value=expr.value and folded(expr.value, known), where=expr.where and folded(expr.where, known)
        )
    if not isinstance(expr, Call):
        return expr
    call = replace(expr, args=tuple(folded(a, known) for a in expr.args))
    return _RULES[call.op](call) if call.op in _RULES else call


def _constant(e: Expr) -> bool:
    return isinstance(e, Lit) and e.value is not None


def _same(a: Expr, b: Expr) -> bool:
    return _constant(a) and _constant(b) and a.value == b.value  # type: ignore[union-attr]


def _if(e: Call) -> Expr:
    when, a, b = e.args
    if isinstance(when, Lit) and when.value is not None:
        return a if when.value else b
    return a if _same(a, b) else e


def _logic(decides: bool) -> Callable[[Call], Expr]:
    """`or` is decided by true, `and` by false; the other constant says nothing."""

    def rule(e: Call) -> Expr:
        parts = [a for a in e.args if not (isinstance(a, Lit) and a.value is (not decides))]
        if any(isinstance(a, Lit) and a.value is decides for a in parts):
            return Lit(decides, "bool")
        if not parts:
            return Lit(not decides, "bool")
        return parts[0] if len(parts) == 1 else replace(e, args=tuple(parts))

    return rule


def _not(e: Call) -> Expr:
    (a,) = e.args
    return Lit(not a.value, "bool") if isinstance(a, Lit) and a.value is not None else e


def _compare(test: Callable[[Any, Any], bool]) -> Callable[[Call], Expr]:
    def rule(e: Call) -> Expr:
        a, b = e.args
        if isinstance(a, Lit) and isinstance(b, Lit) and a.value is not None and b.value is not None:
            return Lit(test(a.value, b.value), "bool")
        return e

    return rule


def _in(e: Call) -> Expr:
    first, *items = e.args
    if isinstance(first, Lit) and first.value is not None:
        return Lit(any(_same(first, item) for item in items), "bool")
    return e


def _known_or(e: Call) -> Expr:
    parts: list[Expr] = []
    for a in e.args:
        if isinstance(a, Lit) and a.value is None:
            continue
        parts.append(a)
        if _constant(a):
            break
    if len(parts) <= 1:
        return parts[0] if parts else Lit(None, e.type)
    return replace(e, args=tuple(parts))


def _extreme(pick: Callable[..., Any]) -> Callable[[Call], Expr]:
    def rule(e: Call) -> Expr:
        if all(_constant(a) for a in e.args):
            return Lit(pick(a.value for a in e.args), e.type)  # type: ignore[union-attr]
        return e

    return rule


def _plus(e: Call) -> Expr:
    parts = tuple(a for a in e.args if not (_constant(a) and a.value == 0))  # type: ignore[union-attr]
    if not parts:
        return Lit(Decimal(0) if e.type != "int" else 0, e.type)
    return parts[0] if len(parts) == 1 and parts[0].type == e.type else replace(e, args=parts) if len(parts) > 1 else e


def _minus(e: Call) -> Expr:
    a, b = e.args
    return a if _constant(b) and b.value == 0 and a.type == e.type else e  # type: ignore[union-attr]


_RULES: dict[str, Callable[[Call], Expr]] = {
    "if": _if, "and": _logic(False), "or": _logic(True), "not": _not, "in": _in, "known_or": _known_or,
    "==": _compare(lambda a, b: a == b), "!=": _compare(lambda a, b: a != b),
    "<": _compare(lambda a, b: a < b), "<=": _compare(lambda a, b: a <= b),
    ">": _compare(lambda a, b: a > b), ">=": _compare(lambda a, b: a >= b),
    "min": _extreme(min), "max": _extreme(max), "+": _plus, "-": _minus,
}  # fmt: skip
