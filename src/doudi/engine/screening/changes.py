"""What would change the answer: for each condition, the value at which it turns, and what the outcome would be then."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from doudi.engine.policy.model import Agg, Call, Condition, Expr, PlannedProgramme, Ref
from doudi.engine.screening.answers import Outcome
from doudi.engine.screening.bounds import NUMERIC, nodes
from doudi.engine.screening.lookup import Missing
from doudi.engine.screening.prose import Prose
from doudi.engine.screening.python import Names, Verdict

_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


def changes(prose: Prose, programme: PlannedProgramme, verdict: Verdict, person: Names | None) -> tuple[dict, ...]:
    """One entry per condition whose turning can be said: {name, kind, text, limit, current, if_met, if_not_met, …}."""
    if verdict.outcome == "not_applicable":
        return ()
    return tuple(
        change
        for at, condition in enumerate(programme.conditions)
        if (change := _change(_Case(prose, programme, verdict, person), at, condition)) is not None
    )


class _Case:
    """One subject in one programme."""

    def __init__(self, prose: Prose, programme: PlannedProgramme, verdict: Verdict, person: Names | None) -> None:
        self.prose, self.programme, self.verdict, self.person = prose, programme, verdict, person
        self.lookup = prose.lookup

    def outcome_if(self, at: int, met: bool) -> dict[str, Any]:
        """The outcome were this one condition met (or not), all else as it is; the amount where it is known."""
        conditions = (*self.verdict.conditions[:at], met, *self.verdict.conditions[at + 1 :])
        outcome: Outcome = "eligible"
        if False in conditions:
            outcome = "not_eligible"
        elif None in conditions:
            outcome = "needs_verification"
        due = None
        if outcome == "eligible" and self.programme.amount is not None:
            due = self.lookup.value(self.programme.amount, self.person)
        return {"outcome": outcome, "amount": None if due is None else Decimal(due).quantize(Decimal("0.01"))}

    def outcome_text(self, found: dict[str, Any], met: bool = False) -> str:
        if met and found["outcome"] == "not_eligible":
            return self.prose.say("outcome.still_not_eligible")
        text = self.prose.say(f"outcome.{found['outcome']}")
        if found["amount"] is not None:
            text += self.prose.say("outcome_amount", amount=self.prose.money(found["amount"]))
        return text


def _change(case: _Case, at: int, condition: Condition) -> dict[str, Any] | None:
    met = case.verdict.conditions[at]
    missing = case.lookup.missing(condition.expr, case.person) if met is None else []
    entry: dict[str, Any] = {"name": condition.name, "met": met, "facts": [_of(m) for m in missing]}
    entry |= {"if_met": case.outcome_if(at, True), "if_not_met": case.outcome_if(at, False)}
    if met is None and entry["if_met"]["outcome"] == entry["if_not_met"]["outcome"]:
        return None  # another condition fails: asking this one changes nothing
    threshold = _threshold(case, condition.expr)
    if threshold is not None and (not met or threshold["type"] == "money"):
        return entry | {"kind": "threshold"} | threshold | {"text": _threshold_text(case, entry, threshold)}
    if met is None:
        return entry | {"kind": "fact", "text": _fact_text(case, missing, entry)}
    if met is False and condition.remedy is not None:
        return entry | {"kind": "remedy", "text": case.prose.words(condition.remedy)}
    return None


def _of(m: Missing) -> dict[str, str]:
    return {"kind": m.kind, "name": m.name, "subject": m.subject}


def _threshold(case: _Case, e: Expr) -> dict[str, Any] | None:
    """For `a < b` with a known b: where a turns. The side that moves is a name that facts decide."""
    if not isinstance(e, Call) or e.op not in _TURNED or e.args[0].type not in NUMERIC:
        return None
    left, right = e.args
    sides = ((left, right, e.op), (right, left, _TURNED[e.op]))
    found = next((x for x in sides if isinstance(x[0], Ref) and _hangs_on_facts(case, x[0])), None)
    if found is None or not isinstance(moving := found[0], Ref):
        return None
    fixed, op = found[1:]
    if (limit := case.lookup.value(fixed, case.person)) is None:
        return None
    current = case.lookup.value(moving, case.person)
    known = case.lookup.subject(moving.entity, case.person).get(f"{moving.name}~lo") if current is None else None
    heads = _heads(case, fixed)
    return {
        "value": moving.name,
        "op": op,
        "type": moving.type,
        "limit": limit,
        "current": current,
        "known_part": known,
        "per_head": Decimal(limit) / heads if heads and moving.type == "money" and _is_monthly(case, moving) else None,
    }


def _is_monthly(case: _Case, e: Ref) -> bool:
    """A head's share is said of income, not of what a household owns."""
    table = case.lookup.plan.facts if e.kind == "fact" else case.lookup.plan.definitions
    return table[e.name].period == "month"


def _hangs_on_facts(case: _Case, e: Expr) -> bool:
    for n in nodes(e):
        if isinstance(n, Agg):
            return True
        if isinstance(n, Ref) and n.kind == "fact":
            return True
        if (
            isinstance(n, Ref)
            and n.kind == "variable"
            and _hangs_on_facts(case, case.lookup.plan.definitions[n.name].expr)
        ):
            return True
    return False


def _heads(case: _Case, e: Expr) -> int | None:
    """The number of members in `standard × members`, however deep: the limit per head is the limit over it."""
    for ref in _factors(case, e):
        if ref.type == "int" and ref.entity == "household" and _counts(case, ref):
            return case.lookup.value(ref) or None
    return None


def _factors(case: _Case, e: Expr) -> Iterator[Expr]:
    if isinstance(e, Call) and e.op == "*":
        for a in e.args:
            yield from _factors(case, a)
    elif isinstance(e, Ref) and e.kind == "variable" and e.type == "money":
        yield from _factors(case, case.lookup.plan.definitions[e.name].expr)
    else:
        yield e


def _counts(case: _Case, e: Expr) -> bool:
    if isinstance(e, Ref) and e.kind == "variable":
        return _counts(case, case.lookup.plan.definitions[e.name].expr)
    return isinstance(e, Agg) and e.fn == "count_if"


def _threshold_text(case: _Case, entry: dict[str, Any], threshold: dict[str, Any]) -> str:
    prose, kind = case.prose, threshold["type"]
    unit = prose.unit(threshold["value"])
    fields = {
        "label": prose.label(threshold["value"]),
        "limit": prose.say(f"limit.{threshold['op']}", limit=prose.value(threshold["limit"], kind, unit)),
        "per_head": "",
        "known": "",
        "met": case.outcome_text(entry["if_met"], met=True),
        "not_met": case.outcome_text(entry["if_not_met"]),
    }
    if threshold["per_head"] is not None:
        fields["per_head"] = prose.say("per_head", value=prose.money(threshold["per_head"]))
    if threshold["known_part"]:
        fields["known"] = prose.say("known_part", value=prose.value(threshold["known_part"], kind, unit))
    if threshold["current"] is None:
        return prose.say("change.unknown" if entry["met"] is None else "change.decided", **fields)
    now = prose.value(threshold["current"], kind, unit)
    away = prose.value(abs(threshold["current"] - threshold["limit"]), kind, unit)
    return prose.say("change.met" if entry["met"] else "change.failed", now=now, away=away, **fields)


def _fact_text(case: _Case, missing: list[Missing], entry: dict[str, Any]) -> str:
    names = case.prose.say("list").join(dict.fromkeys(case.prose.label(m.name) for m in missing))
    met, failed = (case.outcome_text(entry[k]) for k in ("if_met", "if_not_met"))
    return case.prose.say("change.fact", names=names, met=met, not_met=failed)
