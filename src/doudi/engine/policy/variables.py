"""variables.yaml and the `variables` of a programme: declared first, checked when every name is known."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from doudi.engine.policy.check import Setting
from doudi.engine.policy.expressions import check
from doudi.engine.policy.facts import PERIODS, TYPES
from doudi.engine.policy.item import Item
from doudi.engine.policy.model import Entity, Lit, Scalar, Type, Variable
from doudi.engine.policy.names import Declared

_KEYS = "entity type unit period expr formulas end label"


@dataclass(frozen=True, slots=True)
class VariableDraft:
    item: Item
    declared: Declared
    formulas: tuple[tuple[date | None, Item], ...]
    end: date | None
    fields: dict[str, Item]
    is_broken: bool


def draft_variables(item: Item, programme: str | None) -> list[VariableDraft]:
    return [_draft(name, spec, programme) for name, spec in item.named().items()]


def _draft(name: str, item: Item, programme: str | None) -> VariableDraft:
    before = len(item.faults)
    f = item.record(_KEYS, "entity type", "unit end")
    if isinstance(written := item.node.value, dict) and ("expr" in written) == ("formulas" in written):
        item.fault("policy.one_formula")
    formulas: list[tuple[date | None, Item]] = [(None, f["expr"])] if "expr" in f else []
    if "formulas" in f:
        formulas += f["formulas"].dated()
    entity: Entity = f["entity"].choice(("person", "household")) if "entity" in f else "person"
    type_: Type = f["type"].choice(TYPES, "text") if "type" in f else "text"
    declared = Declared(
        name=f"{programme}.{name}" if programme else name,
        kind="variable",
        type=type_,
        entity=entity,
        unit=f["unit"].text() if "unit" in f else None,
        period=f["period"].choice(PERIODS) if "period" in f else "month",
    )
    end = f["end"].day() if "end" in f else None
    return VariableDraft(item, declared, tuple(formulas), end, f, is_broken=len(item.faults) > before)


def zero(type_: Type) -> Scalar:
    """0 or false; unknown for a text, enum, date or area."""
    if type_ == "bool":
        return False
    if type_ == "int":
        return 0
    return Decimal(0) if type_ in ("number", "rate", "money") else None


def build_variable(draft: VariableDraft, setting: Setting, neutral: bool) -> Variable:
    d = draft.declared
    setting = replace(setting, entity=d.entity or "person", period=d.period, may_ask=True)
    sound = () if draft.is_broken else draft.formulas  # what type or entity the others should have is not known
    formulas = tuple((since, check(item, setting, d.type, d.unit)) for since, item in sound)
    if neutral:
        formulas = ((None, Lit(zero(d.type), d.type)),)
    return Variable(
        name=d.name,
        entity=d.entity or "person",
        type=d.type,
        label=draft.fields["label"].words() if "label" in draft.fields else None,
        formulas=formulas,
        period=d.period or "month",
        unit=d.unit,
        end=None if neutral else draft.end,
    )
