"""What the screening answers for one household: the shape of `doudi explain --json`."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Literal

Outcome = Literal["eligible", "not_eligible", "needs_verification", "not_applicable"]
State = Literal[
    "not_applicable", "not_eligible", "unknown_no_sign", "to_verify", "missed",
    "covered", "covered_to_verify", "covered_wrong_amount", "covered_not_eligible", "covered_elsewhere",
]  # fmt: skip
STATES: tuple[State, ...] = State.__args__  # type: ignore[attr-defined]
FindingKind = Literal["missed", "no_longer_eligible", "amount", "to_verify", "overlap", "risk"]


@dataclass(frozen=True, slots=True)
class Step:
    """One condition, variable or amount, with the values it read.

    result: true, false, unknown for a condition; the value as text otherwise.
    values: name → {value, shown (in words), label, unit, kind (fact, parameter, variable, enrolment), presumed}; of a
    parameter also area, since, source, article, confidence, is_demo; of members' names also persons (id → value).
    law: source, article and words (第四条).
    """

    kind: Literal["condition", "variable", "amount"]
    name: str
    result: str
    values: dict[str, Any] = field(default_factory=dict)
    law: dict[str, str] | None = None
    text: str = ""
    label: str = ""
    question: str | None = None
    sum: str = ""  # of an amount: the sum that decides, in one line without parameters and law
    need: str = ""  # of a condition: its limit in figures, without what is held


@dataclass(frozen=True, slots=True)
class Answer:
    subject_type: str
    subject_id: str
    programme: str
    outcome: Outcome
    amount: Decimal | None
    state: State
    failed: tuple[str, ...]
    unknown: tuple[str, ...]
    steps: tuple[Step, ...] = ()
    reason: str = ""  # why nothing was judged, when the programme is not in force or does not apply
    # What would change the answer, by condition: {name, kind (threshold, fact, remedy), text, met, if_met, if_not_met,
    # facts}; of a threshold also value, op, limit, current, known_part, heads, per_head.
    changes: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class VariableValue:
    name: str
    subject: str
    period: str
    value: str | None


@dataclass(frozen=True, slots=True)
class Answers:
    as_of: date
    pack: dict[str, str]  # id, edition, hash
    household_id: str
    answers: tuple[Answer, ...]
    variables: tuple[VariableValue, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Money as text with two decimals, dates ISO (`wire.md`)."""
        return _plain(asdict(self))


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    if isinstance(value, date):
        return value.isoformat()
    return value
