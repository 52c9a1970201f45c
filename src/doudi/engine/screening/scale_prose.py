"""A scale in words: which bracket the value stands in, and what that comes to."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

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


def _rate(rate: Decimal) -> str:
    return f"{(rate * _HUNDRED).normalize():f}%"
