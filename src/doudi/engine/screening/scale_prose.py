"""A scale in words: which bracket the value stands in, and what that comes to."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from doudi.engine.policy.model import Call, PlannedScale, Ref, Type
from doudi.engine.screening.python import Names

if TYPE_CHECKING:
    from doudi.engine.screening.prose import Prose

_HUNDRED = Decimal(100)


def scale_text(prose: Prose, e: Call, person: Names | None) -> str:
    """`按“X”分档：…`; of members, or of an unknown value, only what is read from which scale."""
    name, x = e.args
    assert isinstance(name, Ref)
    scale = prose.plan.parameters[name.name].scale
    fields = {"x": prose.expr(x, person), "label": prose.label(name.name)}
    of_members = person is None and any(n.entity == "person" for n in prose.lookup.refs(x))
    value = None if of_members else prose.lookup.value(x, person)
    if value is None or not isinstance(scale, PlannedScale) or not scale.brackets:
        return prose.say("scale.of", **fields)
    return prose.say("scale.by", how=_how(prose, e, scale, Decimal(value)), **fields)


def _how(prose: Prose, e: Call, scale: PlannedScale, value: Decimal) -> str:
    x = e.args[1]
    unit = prose.unit(x.name) if isinstance(x, Ref) else None

    def said(amount: Decimal, kind: Type = x.type) -> str:
        return prose.value(amount if kind != "int" else int(amount), kind, unit if kind == x.type else None)

    is_in = scale.kind == "single_amount"
    passed = [(t, a) for t, a in scale.brackets if (value >= t if is_in else value > t)]
    if not passed:
        return prose.say("scale.below", first=said(scale.brackets[0][0]))
    if is_in:
        threshold, amount = passed[-1]
        return prose.say("scale.single", n=len(passed), threshold=said(threshold), amount=said(amount, e.type))
    if scale.kind == "marginal_amount":
        amounts = " + ".join(said(a, e.type) for _, a in passed)
        return prose.say("scale.amounts", n=len(passed), threshold=said(passed[-1][0]), amounts=amounts)
    ends = [*(t for t, _ in passed[1:]), value]
    slices = [f"{said(end - t)} × {_rate(rate)}" for (t, rate), end in zip(passed, ends, strict=True) if end > t]
    return prose.say("scale.slices", n=len(passed), threshold=said(passed[-1][0]), slices=" + ".join(slices))


def bracket_values(prose: Prose, name: str) -> dict[str, Any]:
    """What an explanation holds of a scale: its brackets with their documents; empty for another parameter."""
    scale = prose.plan.parameters[name].scale
    if not isinstance(scale, PlannedScale):
        return {}
    brackets = [
        {"threshold": f"{threshold:f}", "value": f"{amount:f}", "since": o.since.isoformat(), "source": o.source,
         "article": o.article, "confidence": o.confidence}
        for (threshold, amount), o in zip(scale.brackets, scale.origins, strict=True)
    ]  # fmt: skip
    value = "; ".join(f"{b['threshold']}: {b['value']}" for b in brackets)
    return {"value": value, "shown": value, "scale": scale.kind, "brackets": brackets}


def bracket_texts(prose: Prose, name: str) -> list[str]:
    """Every bracket of a scale with its day and document."""
    parameter = prose.plan.parameters[name]
    scale = parameter.scale
    if not isinstance(scale, PlannedScale):
        return []
    found = []
    for n, ((threshold, amount), origin) in enumerate(zip(scale.brackets, scale.origins, strict=True), 1):
        is_rate = scale.kind == "marginal_rate"
        shown = _rate(amount) if is_rate else prose.value(amount, parameter.type, parameter.unit)
        fields = {"label": prose.label(name), "n": n, "threshold": prose.value(threshold, "number"), "amount": shown}
        found.append(prose.say("scale.value", origin=prose.parameter(origin), **fields))
    return found


def _rate(rate: Decimal) -> str:
    return f"{(rate * _HUNDRED).normalize():f}%"
