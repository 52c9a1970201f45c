"""From outcome and enrolment to exactly one of ten states (decision 0001)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from doudi.engine.policy.model import PlannedExclusion, PlannedProgramme
from doudi.engine.screening.answers import State
from doudi.engine.screening.python import Verdict

_ENROLLED: dict[str, State] = {
    "not_applicable": "covered_not_eligible",
    "not_eligible": "covered_not_eligible",
    "needs_verification": "covered_to_verify",
}


def state_of(programme: PlannedProgramme, verdicts: Mapping[str, Verdict], paid: Mapping[str, Decimal | None]) -> State:
    """The state of one subject in one programme.

    verdicts: of the same subject, by programme. paid: programme → current amount (yuan, or unknown) of its enrolments
    in force; a programme that is absent is one in which it is not enrolled.
    """
    verdict = verdicts[programme.name]
    if programme.name in paid:
        return _covered(programme, verdict, paid[programme.name])
    if verdict.outcome == "not_applicable":
        return "not_applicable"
    if verdict.outcome == "not_eligible":
        return "not_eligible"
    if verdict.had:
        return "covered"
    if winner(programme, verdicts, paid) is not None:
        return "covered_elsewhere"
    if verdict.outcome == "eligible":
        return "missed"
    return "to_verify" if verdict.ask else "unknown_no_sign"


def _covered(programme: PlannedProgramme, verdict: Verdict, current: Decimal | None) -> State:
    if verdict.outcome == "not_applicable" and not programme.in_force:
        return "not_applicable"
    if verdict.outcome != "eligible":
        return _ENROLLED[verdict.outcome]
    if verdict.amount is None or current is None or abs(verdict.amount - current) <= verdict.tolerance:
        return "covered"
    return "covered_wrong_amount"


def winner(
    programme: PlannedProgramme, verdicts: Mapping[str, Verdict], paid: Mapping[str, Decimal | None]
) -> PlannedExclusion | None:
    """The first exclusion by which another programme has the subject (as in `state_of`); None where none has."""
    return next((e for e in programme.excludes if _goes_first(programme, e, verdicts, paid)), None)


def _goes_first(
    programme: PlannedProgramme,
    e: PlannedExclusion,
    verdicts: Mapping[str, Verdict],
    paid: Mapping[str, Decimal | None],
) -> bool:
    """Amounts are compared where both are known; of equal ones the one paid now wins, else the first by name."""
    if e.across:
        return False
    other = verdicts.get(e.programme)
    is_due = other is not None and other.outcome == "eligible"
    if e.mode == "instead":
        return is_due or e.programme in paid
    mine = verdicts[programme.name].amount
    theirs = other.amount if other is not None and is_due else paid.get(e.programme)
    if mine is None or theirs is None:
        return False
    if e.mode == "higher":
        return theirs > mine or (theirs == mine and (e.programme in paid or e.programme < programme.name))
    return e.mode == "difference" and mine == 0 and theirs > 0
