"""programmes/P/programme.yaml: who is asked, on which conditions, for how much, and beside what."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from doudi.engine.policy.check import Setting
from doudi.engine.policy.document import Faults, GaveUp
from doudi.engine.policy.expressions import check, check_rounding
from doudi.engine.policy.item import Item
from doudi.engine.policy.model import (
    Call,
    Condition,
    Entity,
    Exclusion,
    Expr,
    Lit,
    PriorityPart,
    Programme,
    Words,
)
from doudi.engine.policy.sheets import plain
from doudi.engine.policy.tables import UNKNOWN, Known
from doudi.engine.values import is_in_force
from doudi.engine.words import say
from doudi.engine.words.near import hint

_KEYS = """programme subject in_force applies_when names decided_by paid_by list_from period once_per ask_when priority
    variables conditions amount excludes process forms archive"""
_CONDITION = "name bit expr law remedy question from to label"
_MODES = ("instead", "higher", "difference", "same_need")
_AMOUNT_BIT = 62
_SUBJECTS: tuple[Entity, ...] = ("household", "person")
_LISTED = {"process": "process", "forms": "form", "archive": "archive"}  # key → which list names it
_FREE = ("decided_by", "paid_by", "list_from", "process", "forms", "archive")


@dataclass(frozen=True, slots=True)
class ProgrammeDraft:
    item: Item
    name: str
    subject: Entity
    fields: dict[str, Item]
    is_subject_known: bool = True


def draft_programme(item: Item, folder: str) -> ProgrammeDraft:
    f = item.record(_KEYS, "programme subject period conditions")
    if "programme" in f and f["programme"].label() != folder:
        f["programme"].fault("policy.folder_name", name=f["programme"].node.text[:60], folder=folder)
    written = f["subject"].node.text if "subject" in f else ""
    subject: Entity = f["subject"].choice(_SUBJECTS, "household") if "subject" in f else "household"
    return ProgrammeDraft(item, folder, subject, f, written in _SUBJECTS)


def build_programme(draft: ProgrammeDraft, setting: Setting) -> Programme:
    """Where the subject is no word of the language, only what would be wrong for either subject is a fault."""
    if draft.is_subject_known:
        return _built(draft, setting)
    tried = []
    for subject in _SUBJECTS:
        aside = Faults()
        fields = Item(draft.item.node, draft.item.path, aside).record(_KEYS)
        try:
            built = _built(replace(draft, subject=subject, fields=fields), setting)
        except GaveUp:
            continue  # what was found until then is compared all the same
        finally:
            tried.append(aside)
    for fault in tried[0]:
        if fault in tried[1] and fault not in draft.item.faults:
            draft.item.faults.append(fault)
    return built


def _built(draft: ProgrammeDraft, setting: Setting) -> Programme:
    f = draft.fields
    period = f["period"].choice(("month", "year", "once")) if "period" in f else "month"
    setting = replace(
        setting,
        entity=draft.subject,
        programme=draft.name,
        period="month" if period == "month" else None,
    )
    asking = replace(setting, may_ask=True)
    in_force = f["in_force"].span() if "in_force" in f else (None, None)
    conditions = _conditions(f["conditions"], setting) if "conditions" in f else ()
    _check_days(draft, in_force, conditions)
    amount, tolerance = _amount(f["amount"], setting) if "amount" in f else (None, None)
    return Programme(
        name=draft.name,
        subject=draft.subject,
        period=period,
        names=(_names(f["names"]) if "names" in f else ()) or ((None, Words(draft.name, draft.name)),),
        conditions=conditions,
        in_force=in_force,
        applies_when=check(f["applies_when"], setting, "bool") if "applies_when" in f else None,
        amount=amount,
        tolerance=tolerance,
        ask_when=check(f["ask_when"], asking, "bool") if "ask_when" in f else None,
        priority=_priority(f["priority"], asking) if "priority" in f else (),
        excludes=_excludes(f["excludes"], draft.name, setting) if "excludes" in f else (),
        once_per=_once_per(f, period),
        catalogue={key: plain(f[key].node) for key in _FREE if key in f},
    )


def check_listed(draft: ProgrammeDraft, names: Known) -> None:
    """What a programme names in the pack's lists; where the pack has no such list, others may have it."""
    for key, kind in _LISTED.items():
        known: set[str] = getattr(names, kind)
        item = draft.fields.get(key)
        if item is None or not known:
            continue
        for each in item.items() if isinstance(item.node.value, list) else [item]:
            if each.node.text not in known:
                near = hint(each.node.text, known)
                each.fault(UNKNOWN[kind], name=each.node.text[:60], near=near)


def neutralised(programme: Programme) -> Programme:
    """Nobody is eligible, whoever it applied to: one condition that always fails."""
    label = Words(say("policy.neutralised", "zh"), say("policy.neutralised", "en"))
    never = Condition("neutralised", 0, Lit(False, "bool"), None, label=label)
    nothing = None if programme.amount is None else Lit(Decimal(0), "money")
    return replace(
        programme, applies_when=None, conditions=(never,), amount=nothing, tolerance=None, ask_when=None, priority=()
    )


def _names(item: Item) -> tuple[tuple[date | None, Words], ...]:
    return tuple((since, words.words()) for since, words in item.dated())


def _once_per(f: Mapping[str, Item], period: str) -> str | None:
    if "once_per" not in f:
        return None
    text = f["once_per"].text()
    if period != "once" or not re.fullmatch(r"event|life|[1-9]\d{0,2} (months|years|days)", text):
        f["once_per"].fault("policy.once_per", got=text[:40])
    return text


# ---- conditions ----------------------------------------------------------------------------------------------------
def _conditions(item: Item, setting: Setting) -> tuple[Condition, ...]:
    found = [_condition(c, setting) for c in item.items("name")]
    if not found:
        item.fault("policy.no_conditions")
    _check_unique(item, [c.name for c in found])
    bits: dict[int, str] = {}
    for c in found:
        if c.bit in bits:
            item.fault("policy.bit_twice", bit=c.bit, first=bits[c.bit], second=c.name)
        bits[c.bit] = c.name
    return tuple(sorted(found, key=lambda c: c.bit))


def _condition(item: Item, setting: Setting) -> Condition:
    f = item.record(_CONDITION, "name bit expr", "from to")
    since, until = item.days(f)
    name = f["name"].label() if "name" in f else ""
    if "name" in f:
        f["name"].check_name(name)
    return Condition(
        name=name,
        bit=f["bit"].whole(0, _AMOUNT_BIT - 1, fallback=-1 - item.node.line) if "bit" in f else -1 - item.node.line,
        expr=check(f["expr"], setting, "bool") if "expr" in f else Lit(None, "bool"),
        law=f["law"].law() if "law" in f else None,
        since=since,
        until=until,
        **{key: f[key].words() for key in ("label", "question", "remedy") if key in f},
    )


def _check_unique(item: Item, names: list[str]) -> None:
    for name in sorted({n for n in names if n and names.count(n) > 1}):
        item.fault("policy.repeated", name=name)


def _check_days(
    draft: ProgrammeDraft, in_force: tuple[date | None, date | None], conditions: tuple[Condition, ...]
) -> None:
    """Every day in force needs a condition; it is enough to look at the days on which something begins or ends."""
    first, last = in_force[0] or date.min, in_force[1] or date.max
    days = {first, *(c.since for c in conditions if c.since)}
    days |= {c.until + timedelta(days=1) for c in conditions if c.until and c.until < date.max}
    for day in sorted(d for d in days if first <= d <= last):
        if conditions and not any(is_in_force(day, c.since, c.until) for c in conditions):
            draft.item.fault("policy.day_without_condition", day=day if day > date.min else "…")
            return


# ---- amount, priority, exclusions ----------------------------------------------------------------------------------
def _amount(item: Item, setting: Setting) -> tuple[Expr | None, Expr | None]:
    f = item.record("expr round tolerance", "expr")
    amount = check(f["expr"], setting, "money") if "expr" in f else None
    if amount and "round" in f:
        to, mode = check_rounding(f["round"], setting)
        amount = Call("round", (amount, to, mode), "money", amount.entity)
    return amount, _tolerance(f["tolerance"], setting) if "tolerance" in f else None


def _tolerance(item: Item, setting: Setting) -> Expr:
    """Money as quoted text, or the name of a parameter."""
    if re.match(r"[a-z]", item.node.text):
        return check(item, setting, "money")
    return Lit(item.scalar("money"), "money")


def _priority(item: Item, setting: Setting) -> tuple[PriorityPart, ...]:
    found = []
    for part in item.items("name"):
        f = part.record("name points when label", "name points when")
        if "name" in f:
            f["name"].check_name(f["name"].label())
        found.append(
            PriorityPart(
                name=f["name"].label() if "name" in f else "",
                points=f["points"].whole(0, 100) if "points" in f else 0,
                when=check(f["when"], setting, "bool") if "when" in f else Lit(None, "bool"),
                label=f["label"].words() if "label" in f else None,
            )
        )
    _check_unique(item, [p.name for p in found])
    return tuple(found)


def _excludes(item: Item, own: str, setting: Setting) -> tuple[Exclusion, ...]:
    found = []
    for part in item.items("programme"):
        f = part.record("programme mode from to", "programme mode", "from to")
        since, until = part.days(f)
        other = f["programme"].label() if "programme" in f else own
        if "programme" in f and (other == own or other not in setting.names.programmes):
            others = [p for p in setting.names.programmes if p != own]
            f["programme"].fault("policy.unknown_programme", name=other[:60], near=hint(other, others))
        mode = f["mode"].choice(_MODES) if "mode" in f else None
        found.append(Exclusion(other, mode or "instead", since, until))
    return tuple(found)
