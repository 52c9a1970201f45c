"""variables.yaml and the `variables` of a programme: declared first, checked when every name is known."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from doudi.engine.policy.check import Setting
from doudi.engine.policy.expressions import check
from doudi.engine.policy.facts import PERIODS, TYPES
from doudi.engine.policy.item import Item
from doudi.engine.policy.model import Entity, Expr, Lit, Scalar, Type, Variable
from doudi.engine.policy.names import Declared

_KEYS = "entity type unit period expr formulas end label"


@dataclass(frozen=True, slots=True)
class VariableDraft:
    item: Item
    declared: Declared
    formulas: tuple[tuple[date | None, Item], ...]
    end: date | None
    fields: dict[str, Item]


def draft_variables(item: Item, programme: str | None) -> list[VariableDraft]:
    return [_draft(name, spec, programme) for name, spec in item.named().items()]


def _draft(name: str, item: Item, programme: str | None) -> VariableDraft:
    f = item.record(_KEYS, "entity type")
    if isinstance(item.node.value, dict) and ("expr" in f) == ("formulas" in f):
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
    return VariableDraft(item, declared, tuple(formulas), f["end"].day() if "end" in f else None, f)


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
    formulas = tuple((since, _formula(item, setting, d)) for since, item in draft.formulas)
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


def _formula(item: Item, setting: Setting, declared: Declared) -> Expr:
    """`null` as a dated formula: from that day on there is none."""
    if item.node.value is None:
        return Lit(None, declared.type)
    return check(item, setting, declared.type, declared.unit)
