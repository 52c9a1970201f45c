"""parameters.yaml, tables, scales and the local values of areas: figures with day, source, article and confidence."""

from __future__ import annotations

import re
from collections.abc import Mapping, Set
from dataclasses import dataclass, replace
from datetime import date
from pathlib import PurePosixPath

from doudi.engine.policy.document import Faults, Row, day
from doudi.engine.policy.facts import TYPES
from doudi.engine.policy.item import Item
from doudi.engine.policy.model import (
    Fact,
    FallbackLevel,
    Parameter,
    ParameterValue,
    Scalar,
    Type,
    Words,
)
from doudi.engine.policy.names import Declared
from doudi.engine.policy.places import county_or_above
from doudi.engine.policy.scales import kind_of, read_scale
from doudi.engine.policy.sheets import Sheets
from doudi.engine.words import Fault
from doudi.engine.words.near import hint

_KEYS = "label says type unit question by per fallback values table scale"
_VALUE = "value source article confidence"
_CONFIDENCE = ("A", "B", "C", "demo")
_FALLBACK: tuple[FallbackLevel, ...] = ("county", "city", "province", "nation")


@dataclass(frozen=True, slots=True)
class ParameterDraft:
    item: Item
    declared: Declared
    fields: dict[str, Item]
    per: Fact | None
    is_broken: bool


def draft_parameters(
    item: Item, programme: str | None, facts: Mapping[str, Fact], broken: Set[str]
) -> list[ParameterDraft]:
    """broken: facts that are not among `facts` because their own declaration is a fault."""
    return [_draft(name, spec, programme, facts, broken) for name, spec in item.named().items()]


def _draft(name: str, item: Item, programme: str | None, facts: Mapping[str, Fact], broken: Set[str]) -> ParameterDraft:
    before = len(item.faults)
    f = item.record(_KEYS, "type", "unit")
    if isinstance(written := item.node.value, dict) and sum(k in written for k in ("values", "table", "scale")) != 1:
        item.fault("policy.one_of", keys="values, table, scale")
    if "values" in f and f["values"].node.value == {} and "by" not in f:
        f["values"].fault("policy.no_values")
    type_: Type = f["type"].choice(TYPES, "text") if "type" in f else "text"
    by = f["by"].choice(("area", "hukou_division")) if "by" in f else None
    of_fact = f["per"].node.text if "per" in f else "hukou_division" if by == "hukou_division" else ""
    per = _per(f["per"], facts, broken) if "per" in f else None
    owner = per or (facts.get("hukou_division") if by == "hukou_division" else None)
    if by == "hukou_division" and owner is None and of_fact not in broken:
        f["by"].fault("policy.unknown_name", name="hukou_division", near="")
    declared = Declared(
        name=f"{programme}.{name}" if programme else name,
        kind="parameter",
        type=type_,
        entity=owner.entity if owner else None,
        unit=f["unit"].text() if "unit" in f else None,
        scale=kind_of(f["scale"]) if "scale" in f else "",
    )
    return ParameterDraft(item, declared, f, per, is_broken=of_fact in broken or len(item.faults) > before)


def _per(item: Item, facts: Mapping[str, Fact], broken: Set[str]) -> Fact | None:
    fact = facts.get(item.text())
    if item.node.text in broken:
        return None
    if fact is None or fact.type != "enum":
        item.fault("policy.no_enum_fact", name=item.text(), near=hint(item.text(), facts))
        return None
    return fact


def build_parameter(draft: ParameterDraft, local: list[ParameterValue], sheets: Sheets) -> Parameter:
    f, d = draft.fields, draft.declared
    values: list[ParameterValue] = []
    if "values" in f:
        values = dated_values(draft, f["values"], "")
    elif "table" in f:
        values = _table(draft, f["table"], sheets)
    short = d.name.rpartition(".")[2]
    return Parameter(
        name=d.name,
        type=d.type,
        label=f["label"].words() if "label" in f else Words(short, short),
        unit=d.unit,
        by=f["by"].node.text if "by" in f else None,  # type: ignore[arg-type]
        per=draft.per.name if draft.per else None,
        says=f["says"].words() if "says" in f else None,
        question=f["question"].words() if "question" in f else None,
        values=tuple(sorted([*values, *local], key=lambda v: (v.area, v.since, v.key or ""))),
        scale=read_scale(f["scale"], d.type, f.keys() & {"by", "per", "fallback"}) if "scale" in f else None,
        fallback=_fallback(f["fallback"]) if "fallback" in f else _FALLBACK,
    )


def _fallback(item: Item) -> tuple[FallbackLevel, ...]:
    levels = [level.choice(_FALLBACK) for level in item.items()]
    if len(set(levels)) < len(levels):
        item.fault("policy.repeated", name=", ".join(levels))
    return tuple(levels)


def dated_values(draft: ParameterDraft, item: Item, area: str) -> list[ParameterValue]:
    """`{date: {value, source, article, confidence}}`; with `per:` each value is a map of the fact's values."""
    found = []
    for since, entry in item.dated():
        f = entry.record(_VALUE, "value", may_be_empty="value")
        if "value" not in entry.entries():
            continue
        cited = _citation(f)
        if draft.is_broken:
            continue  # of what type its values should be is not known
        for key, value in _by_key(draft, f.get("value")):
            found.append(ParameterValue(area, since, key, value, *cited))
    return found


def _citation(f: Mapping[str, Item]) -> tuple[str, str, str]:
    source, article = (f[k].label() if k in f else "" for k in ("source", "article"))
    return source, article, f["confidence"].choice(_CONFIDENCE) if "confidence" in f else "A"


def _by_key(draft: ParameterDraft, item: Item | None) -> list[tuple[str | None, Scalar]]:
    """item None: `value: null`, the parameter ends."""
    if draft.per is None:
        return [(None, item.scalar(draft.declared.type) if item else None)]
    if item is None:
        return [(key, None) for key in draft.per.values]
    parts = item.entries()
    if isinstance(item.node.value, dict) and set(parts) != set(draft.per.values):
        item.fault("policy.per_values", fact=draft.per.name, values=", ".join(draft.per.values))
        return []
    return [(key, parts[key].scalar(draft.declared.type)) for key in draft.per.values if key in parts]


def _table(draft: ParameterDraft, item: Item, sheets: Sheets) -> list[ParameterValue]:
    path = (PurePosixPath(item.node.file).parent / item.text()).as_posix()
    if path not in sheets.tables:
        item.fault("policy.no_file", name=item.text()[:80], near=hint(path, sheets.tables))
        return []
    if draft.is_broken:
        sheets.tables_read.add(path)
        return []
    needed = {"area", "from", "value", *([draft.per.name] if draft.per else [])}
    found: list[ParameterValue] = []
    for row in sheets.table(path):
        columns = row.cells.keys()
        if needed - columns or columns - needed - {"source", "article", "confidence"}:
            fields = {"got": ", ".join(columns), "expected": ", ".join(sorted(needed))}
            item.faults.append(Fault("policy.columns", fields, path, 1))
            break
        if value := _row(draft, row, item.faults):
            found.append(value)
    return found


def _row(draft: ParameterDraft, row: Row, faults: Faults) -> ParameterValue | None:
    def cell(column: str) -> Item:
        return Item(row.node(column), column, faults)

    cells = row.cells
    area = county_or_above(cells["area"]) if cells["area"] else ""
    if area is None:
        cell("area").fault("policy.table_area", got=cells["area"][:40])
        return None
    since = day(cells["from"])
    if since is None:
        cell("from").fault("policy.expected_date", got=cells["from"][:40])
        return None
    confidence = cells.get("confidence") or "A"
    if confidence not in _CONFIDENCE:
        confidence = cell("confidence").choice(_CONFIDENCE)
    return ParameterValue(
        area=area,
        since=since,
        key=cell(draft.per.name).choice(draft.per.values) if draft.per else None,
        value=_cell(cell("value"), draft.declared.type) if cells["value"] else None,
        source=cells.get("source", ""),
        article=cells.get("article", ""),
        confidence=confidence,
    )


def _cell(item: Item, type_: Type) -> Scalar:
    """A cell of a CSV is always text; whole numbers, booleans and dates are read from it."""
    text = item.node.text
    value: bool | int | date | str | None = text
    if type_ == "int" and re.fullmatch(r"-?(0|[1-9]\d{0,16})", text, re.ASCII):
        value = int(text)
    elif type_ == "bool" and text in ("true", "false"):
        value = text == "true"
    elif type_ == "date":
        value = day(text)
    return Item(replace(item.node, value=value), item.path, item.faults).scalar(type_)


def read_local(item: Item, code: str, drafts: Mapping[str, ParameterDraft]) -> dict[str, list[ParameterValue]]:
    """areas/CODE/parameters.yaml: name → {values} (or the dated values at once) of parameters that the pack opens."""
    found: dict[str, list[ParameterValue]] = {}
    for name, spec in item.entries().items():
        draft = drafts.get(name)
        if draft is None:
            spec.fault("policy.unknown_name", name=name[:60], near=hint(name, drafts))
        elif "by" not in draft.fields:
            spec.fault("policy.not_opened", name=name)
        else:
            record = spec.record("values", "values")
            found[name] = dated_values(draft, record["values"], code) if "values" in record else []
    return found
