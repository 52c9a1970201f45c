"""Programmes that exclude one another, in bulk: when another one has the subject (`states.winner` in SQL)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from doudi.engine.policy.model import Plan, PlannedExclusion, PlannedProgramme
from doudi.engine.screening.duckdb_enrolments import column

At = Callable[[str], str]  # a name → its place in the query


@dataclass(frozen=True, slots=True)
class Stop:
    """One exclusion: the columns it reads, and SQL that is true where the other programme wins."""

    reads: frozenset[str]
    test: Callable[[At], str]


def stop_of(plan: Plan, p: PlannedProgramme, e: PlannedExclusion) -> Stop | None:
    """None where an exclusion never stops: across kinds of subject, or of the same need."""
    if e.across or e.mode == "same_need":
        return None
    enrolled, paid = (column(p.subject, e.programme, what) for what in ("in", "current"))
    is_decided = e.programme in plan.programmes
    outcome, amount, mine = f"{e.programme}~outcome", f"{e.programme}~amount", f"{p.name}~amount"
    decided = (outcome, amount) if is_decided else ()

    def instead(at: At) -> str:
        due = f" OR {at(outcome)} = 'eligible'::outcome" if is_decided else ""
        return f"({at(enrolled)}{due})"

    def theirs(at: At) -> str:
        due = f"WHEN {at(outcome)} = 'eligible'::outcome THEN {at(amount)} " if is_decided else ""
        return f"CASE {due}WHEN {at(enrolled)} THEN {at(paid)} END"

    def higher(at: At) -> str:
        first = "TRUE" if e.programme < p.name else at(enrolled)
        return f"({theirs(at)} > {at(mine)} OR ({theirs(at)} = {at(mine)} AND {first}))"

    def difference(at: At) -> str:
        return f"({at(mine)} = 0 AND {theirs(at)} > 0)"

    if e.mode == "instead":
        return Stop(frozenset((enrolled, *decided[:1])), instead)
    return Stop(frozenset((enrolled, paid, mine, *decided)), higher if e.mode == "higher" else difference)
