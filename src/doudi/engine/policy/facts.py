"""facts.yaml: what is asked about people and households."""

from __future__ import annotations

from doudi.engine.policy.item import Item
from doudi.engine.policy.model import Entity, Fact, Period, Scalar, Type, Words

TYPES: tuple[Type, ...] = ("bool", "int", "number", "money", "rate", "date", "text", "enum", "area")
PERIODS: tuple[Period, ...] = ("month", "year", "eternity")
_KEYS = """type unit period min max values default spread sensitive listed settled_by question source_rank
    agree_within means presumed renamed_from label"""
_OF_TYPE = ("min", "max", "values", "default", "presumed", "agree_within")
_PRESUMABLE = ("bool", "enum", "int")
_SPREADABLE = ("money", "number")


def read_facts(item: Item) -> list[tuple[Item, Fact, bool]]:
    """Each fact at its place, and whether its declaration is a fault."""
    found = []
    for key, group in item.record("person household").items():
        entity: Entity = "person" if key == "person" else "household"
        for name, spec in group.named().items():
            before = len(item.faults)
            found.append((spec, _fact(name, entity, spec), len(item.faults) > before))
    if len([1 for _, fact, _ in found if fact.listed]) > 12:
        item.fault("policy.listed", limit=12)
    return found


def _fact(name: str, entity: Entity, item: Item) -> Fact:
    f = item.record(_KEYS, "type", "unit min max default presumed agree_within")
    type_: Type = f["type"].choice(TYPES, "text") if "type" in f else "text"
    has_type = "type" in f and f["type"].node.value in TYPES
    if not has_type:
        f = {key: part for key, part in f.items() if key not in _OF_TYPE}
    values = f["values"].values() if "values" in f else ()
    if has_type and (type_ == "enum") != bool(values):
        item.fault("policy.enum_values")
    low, high = (_bound(f[k], type_) if k in f else None for k in ("min", "max"))
    if low is not None and high is not None and high < low:
        f["max"].fault("policy.bounds_reversed", low=low, high=high)
    period: Period = f["period"].choice(PERIODS) if "period" in f else "month"
    spread = f["spread"].flag() if "spread" in f else False
    if spread and ((has_type and type_ not in _SPREADABLE) or period == "eternity"):
        f["spread"].fault("policy.spread", name=name)
    presumed: Scalar = None
    if "presumed" in f:
        if type_ in _PRESUMABLE:
            presumed = f["presumed"].scalar(type_, values)
        else:
            f["presumed"].fault("policy.presumed", type=type_, allowed=", ".join(_PRESUMABLE))
    return Fact(
        name=name,
        entity=entity,
        type=type_,
        label=f["label"].words() if "label" in f else Words(name, name),
        period=period,
        unit=f["unit"].text() if "unit" in f else None,
        min=low,
        max=high,
        values=values,
        default=f["default"].scalar(type_, values) if "default" in f else None,
        presumed=presumed,
        spread=spread,
        sensitive=f["sensitive"].flag() if "sensitive" in f else False,
        listed=f["listed"].flag() if "listed" in f else False,
        means=f["means"].choice(("month", "mean")) if "means" in f else None,
        agree_within=_bound(f["agree_within"], type_) if "agree_within" in f else None,
        source_rank=f["source_rank"].texts() if "source_rank" in f else (),
        settled_by=_texts(f["settled_by"]) if "settled_by" in f else (),
        question=f["question"].words() if "question" in f else None,
        renamed_from=f["renamed_from"].text() if "renamed_from" in f else None,
    )


def _bound(item: Item, type_: Type):  # type: ignore[no-untyped-def]
    if type_ not in ("int", "number", "money", "rate"):
        item.fault("policy.no_arithmetic", op="min/max", type=type_)
        return None
    return item.scalar(type_)


def _texts(item: Item) -> tuple[str, ...]:
    return (item.text(),) if isinstance(item.node.value, str) else item.texts()
