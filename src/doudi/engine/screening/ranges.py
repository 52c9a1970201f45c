"""How large a value may grow: what lies outside is unknown on both backends (decision 0002).

Amounts, numbers and rates stay below 10^12, counts below 10^18: more than any household or budget holds, and what the
bulk engine keeps exactly in 64 bits. A result outside asks; it neither refuses nor stops a run.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from doudi.engine.policy.model import Agg, Call, Expr, Type

WHOLE_DIGITS, COUNT_DIGITS = 12, 18
_AMOUNTS: frozenset[Type] = frozenset(("number", "money", "rate"))
_GROWING = frozenset(("*", "div", "per_month", "round", "scale"))
_CHAINED = ("+", "-")
_CHOOSING = frozenset(("if", "known_or", "min", "max"))


def amount(value: Any) -> Any:
    """An amount, number or rate; unknown from 10^12 on."""
    return None if value is None or abs(value) >= 10**WHOLE_DIGITS else value


def count(value: Any) -> Any:
    """A whole number; unknown from 10^18 on."""
    return None if value is None or abs(value) >= 10**COUNT_DIGITS else value


def can_leave(e: Expr, within: str = "") -> bool:
    """Whether a result could lie outside although what it is made of lies inside.

    within: the operator around it; a chain of + and - is judged as a whole, at its end.
    """
    if isinstance(e, Agg):
        return e.fn == "sum"
    if not isinstance(e, Call):
        return False
    if e.op in _CHAINED:
        return within not in _CHAINED
    if e.op in _CHOOSING:  # a count among amounts may be larger than an amount
        return e.type in _AMOUNTS and any(a.type == "int" for a in e.args)
    if e.op == "floor":  # of an amount just above −10^12
        return e.type in _AMOUNTS
    return e.op in _GROWING


def judged(e: Expr, value: Any) -> Any:
    """The value of an expression, unknown where it lies outside."""
    if not can_leave(e) or not isinstance(value, int | Decimal):
        return value
    return count(value) if e.type == "int" else amount(value)
