"""What would change the answer: for each condition, the value at which it turns, and what the outcome would be then."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from doudi.engine.policy.model import Condition, Expr, PlannedProgramme, Ref
from doudi.engine.screening.answers import Outcome
from doudi.engine.screening.bounds import nodes
from doudi.engine.screening.limits import compared_text, limit_of
from doudi.engine.screening.lookup import Missing
from doudi.engine.screening.prose import Prose
from doudi.engine.screening.python import Names, Verdict


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
        if outcome == "eligible" and self.programme.amount is not None and not self._would_move_the_amount(at):
            due = self.lookup.value(self.programme.amount, self.person)
        return {"outcome": outcome, "amount": None if due is None else Decimal(due).quantize(Decimal("0.01"))}

    def _would_move_the_amount(self, at: int) -> bool:
        """A failed limit is on what the amount is reckoned from: met, the amount is another one than now."""
        limit = limit_of(self.prose, self.programme.conditions[at].expr, self.person)
        if self.verdict.conditions[at] is not False or limit is None or self.programme.amount is None:
            return False
        return any(isinstance(n, Ref) and n.name == limit.name for n in self.lookup.refs(self.programme.amount))

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
    if met is not False and entry["if_met"]["outcome"] == entry["if_not_met"]["outcome"]:
        return None  # another condition fails: this one changes nothing
    threshold = _threshold(case, condition.expr)
    if threshold is not None and met is False and _is_out_of_reach(threshold):
        return None
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
    """Where a comparison turns, how far it is from there, and what is known of it."""
    limit = limit_of(case.prose, e, case.person)
    if limit is None:
        return None
    names = case.lookup.subject(_entity(e, limit.name), case.person)
    current = names.get(limit.name)
    return {
        "value": limit.name,
        "op": limit.op,
        "type": limit.kind,
        "limit": limit.value,
        "current": current,
        "known_part": names.get(f"{limit.name}~lo") if current is None else None,
        "heads": limit.heads,
        "per_head": limit.per_head,
    }


def _entity(e: Expr, name: str) -> str | None:
    return next((n.entity for n in nodes(e) if isinstance(n, Ref) and n.name == name), None)


def _is_out_of_reach(threshold: dict[str, Any]) -> bool:
    """A limit of nothing is the echo of another condition (nobody counts), or no money could meet it."""
    if threshold["type"] != "money":
        return False
    return threshold["heads"] == 0 or (threshold["op"] == "<" and threshold["limit"] <= 0)


def _threshold_text(case: _Case, entry: dict[str, Any], threshold: dict[str, Any]) -> str:
    prose, kind = case.prose, threshold["type"]
    unit = prose.unit(threshold["value"])
    fields = {
        "label": prose.label(threshold["value"]),
        "limit": compared_text(prose, threshold["value"], threshold["op"], kind, threshold["limit"]),
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
    if threshold["current"] == threshold["limit"] and entry["met"] is False:
        return prose.say("change.on_the_line", now=now, **fields)
    away = prose.value(abs(threshold["current"] - threshold["limit"]), kind, unit)
    return prose.say("change.met" if entry["met"] else "change.failed", now=now, away=away, **fields)


def _fact_text(case: _Case, missing: list[Missing], entry: dict[str, Any]) -> str:
    names = case.prose.say("list").join(dict.fromkeys(case.prose.label(m.name) for m in missing))
    met, failed = (case.outcome_text(entry[k]) for k in ("if_met", "if_not_met"))
    return case.prose.say("change.fact", names=names, met=met, not_met=failed)
