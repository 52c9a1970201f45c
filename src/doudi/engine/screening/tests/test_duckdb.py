"""Everybody at once says what one at a time says."""

from __future__ import annotations

import random
from decimal import Decimal

import pytest

from doudi.engine.screening.household import UNKNOWN, Enrolment, Household, Person
from doudi.engine.screening.tests.bulk import in_bulk, one_by_one
from doudi.engine.screening.tests.plans import ELSEWHERE, HERE, PLAN


def population(n: int, seed: int) -> list[Household]:
    """Households of the hand-made plan with every kind of hole: unknown wages, classes, savings, members."""
    draw = random.Random(seed)
    return [_household(i, draw) for i in range(n)]


def _household(i: int, draw: random.Random) -> Household:
    own: dict[str, object] = {}
    if draw.random() < 0.95:
        own["household_class"] = draw.choice(["rural", "urban"])
    if draw.random() < 0.9:
        own["savings"] = Decimal(draw.randint(0, 40000))
    enrolled: tuple[Enrolment, ...] = ()
    if draw.random() < 0.3:
        amount = Decimal(draw.randint(0, 900)) if draw.random() < 0.9 else None
        enrolled = (Enrolment("household", f"h{i}", draw.choice(["dibao", "tekun"]), amount),)
    persons = tuple(_person(f"p{i}-{j}", "spouse" if j else "head", draw) for j in range(draw.randint(1, 4)))
    return Household(f"h{i}", draw.choice([HERE, HERE, ELSEWHERE]), own, persons, enrolled)  # type: ignore[arg-type]


def _person(id: str, role: str, draw: random.Random) -> Person:
    facts: dict[str, object] = {}
    for name, most in (("wage", 900), ("pension", 300)):
        if draw.random() < 0.9:
            facts[name] = Decimal(draw.randint(0, most))
    if draw.random() < 0.1:
        facts["lives_here"] = draw.choice([False, UNKNOWN])
    if draw.random() < 0.2:
        facts["serious_illness"] = draw.choice([True, False])
    return Person(id, role, draw.choice([HERE, ELSEWHERE]), facts)  # type: ignore[arg-type]


@pytest.mark.slow
def test_both_backends_decide_alike() -> None:
    households = population(600, seed=7)
    alone, together = one_by_one(PLAN, households), in_bulk(PLAN, households)
    assert {k: (alone[k], together.get(k)) for k in alone if alone[k] != together.get(k)} == {}
    assert len(together) == len(alone)
    assert {state for *_, state in alone.values()} >= {"missed", "to_verify", "covered", "covered_elsewhere"}
