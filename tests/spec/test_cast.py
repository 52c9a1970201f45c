"""The cast in the pack's examples is the cast of the demo: same people, same facts on the same day."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from doudi.demo.cast import OPENING, RUNNING, CastHousehold, cast
from doudi.engine import policy

PACK = policy.load("cn")
WHAT_IF = RUNNING | {"what_if"}


def from_the_cast() -> list[dict[str, Any]]:
    return [e for e in PACK.examples if e["name"].startswith("C") and e["name"][1].isdigit()]


def as_they_are() -> list[dict[str, Any]]:
    """Without the two boundaries, which are the same household with another wage."""
    return [e for e in from_the_cast() if "boundary" not in e["name"]]


def as_written(household: CastHousehold) -> dict[str, Any]:
    """The household as an example spells it."""
    persons = [{"id": p.id, "role": p.role, **spelled(p.facts)} for p in household.persons]
    return {"household": {"division": household.division, **spelled(household.facts)}, "persons": persons}


def spelled(facts: Any) -> dict[str, Any]:
    return {name: f"{value:.2f}" if isinstance(value, Decimal) else value for name, value in facts.items()}


@pytest.mark.parametrize("example", as_they_are(), ids=lambda e: e["name"])
def test_an_example_of_the_cast_has_the_facts_of_its_day(example: dict[str, Any]) -> None:
    id_ = example["name"].split(",")[0].split()[1]
    as_of = date.fromisoformat(str(example["as_of"]))
    told = [
        as_written(next(h for h in cast(as_of, PACK.facts, stages) if h.id == id_))
        for stages in (OPENING, RUNNING, WHAT_IF)
    ]
    assert example["facts"] in told


def test_everybody_of_the_cast_who_has_a_dibao_answer_stands_in_the_examples() -> None:
    told = {e["name"].split()[0] for e in from_the_cast()}
    assert told == {"C1", "C2", "C3", "C4", "C5", "C6", "C7", "C8", "C9", "C10", "C11", "C12", "C13", "C16"}
