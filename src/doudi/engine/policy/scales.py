"""A parameter that is a scale: brackets of a threshold and a rate or an amount, each with days of its own."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from decimal import Decimal

from doudi.engine.policy.item import Item
from doudi.engine.policy.model import Bracket, ParameterValue, Scalar, Scale, ScaleKind, Type

_KINDS: tuple[ScaleKind, ...] = ("marginal_rate", "single_amount", "marginal_amount")
_TYPES: dict[ScaleKind, tuple[Type, ...]] = {
    "marginal_rate": ("rate", "number"),
    "single_amount": ("money", "number", "int", "rate"),
    "marginal_amount": ("money", "number", "int", "rate"),
}
_VALUE = "value source article confidence"
_CONFIDENCE = ("A", "B", "C", "demo")


def kind_of(item: Item) -> str:
    """The kind as written; the first where it is none (which `read_scale` says)."""
    kind = item.entries().get("kind")
    return kind.node.text if kind and kind.node.text in _KINDS else _KINDS[0]


def read_scale(item: Item, type_: Type, beside: Collection[str]) -> Scale:
    """type_: of the rates or amounts. beside: keys of the parameter that a scale, being one for all, cannot have."""
    f = item.record("kind brackets", "kind brackets")
    kind: ScaleKind = f["kind"].choice(_KINDS) if "kind" in f else _KINDS[0]
    if type_ not in _TYPES[kind]:
        item.fault("policy.scale_type", kind=kind, got=type_, allowed=", ".join(_TYPES[kind]))
    if beside:
        item.fault("policy.scale_beside", keys=", ".join(sorted(beside)))
    amount = "rate" if kind == "marginal_rate" else "amount"
    brackets = []
    for bracket in f["brackets"].items() if "brackets" in f else []:
        b = bracket.record(f"threshold {amount}", f"threshold {amount}")
        threshold = _curve(b["threshold"], "number") if "threshold" in b else ()
        brackets.append(Bracket(threshold, _curve(b[amount], type_) if amount in b else ()))
    if "brackets" in f and not brackets:
        f["brackets"].fault("policy.no_brackets")
    if twice := _met_twice(brackets):
        item.fault("policy.threshold_twice", day=twice[0], value=twice[1])
    return Scale(kind, tuple(brackets))


def _curve(item: Item, type_: Type) -> tuple[ParameterValue, ...]:
    found = []
    for since, entry in item.dated():
        f = entry.record(_VALUE, "value", may_be_empty="value")
        value = _figure(f["value"], type_) if "value" in f else None
        number = Decimal(str(value)) if isinstance(value, int | Decimal) and not isinstance(value, bool) else None
        source, article = (f[k].label() if k in f else "" for k in ("source", "article"))
        confidence = f["confidence"].choice(_CONFIDENCE) if "confidence" in f else "A"
        found.append(ParameterValue("", since, None, number, source, article, confidence))
    return tuple(found)


def _figure(item: Item, type_: Type) -> Scalar:
    """A whole number may be bare: what the figures of a scale count is said by what it is read for."""
    whole = isinstance(item.node.value, int) and not isinstance(item.node.value, bool)
    return item.scalar("number" if whole and type_ != "int" else type_)


def _met_twice(brackets: list[Bracket]) -> tuple[date, Decimal] | None:
    """The first day on which two brackets begin at one threshold, and where."""
    days = sorted({v.since for b in brackets for v in (*b.threshold, *b.amount)})
    for day in days:
        there = [t for b in brackets if (t := _on(b.threshold, day)) is not None and _on(b.amount, day) is not None]
        for t in there:
            if there.count(t) > 1:
                return day, t
    return None


def _on(values: tuple[ParameterValue, ...], day: date) -> Decimal | None:
    last = max((v for v in values if v.since <= day), key=lambda v: v.since, default=None)
    return last.value if last and isinstance(last.value, Decimal) else None
