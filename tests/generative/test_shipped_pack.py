"""The shipped law and thousands of random households: both engines and the naive interpreter say the same."""

from __future__ import annotations

import os
import random
from collections import Counter
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from doudi.engine.policy import load
from doudi.engine.policy.model import Fact, Pack
from doudi.engine.screening.household import UNKNOWN, Enrolment, Household, Person
from tests.generative.engines import by_duckdb, by_python, by_reading, differences, without_variables
from tests.generative.people import Draw

AS_OF = date(2020, 7, 20)
VILLAGES = ("341503203204", "341503003001", "520502001001")
HOUSEHOLDS, READ = (50_000, 10_000) if os.environ.get("DOUDI_LONG") else (5_000, 600)


@pytest.mark.slow
def test_both_engines_and_the_naive_interpreter_agree_on_the_shipped_pack(tmp_path: Path) -> None:
    pack = load("cn")
    people = [random_household(n, pack) for n in range(HOUSEHOLDS)]
    planned, everybody = by_duckdb(pack, AS_OF, people, tmp_path)
    one_by_one = by_python(planned, people)
    assert differences(without_variables(one_by_one), everybody) == []
    read = by_reading(pack, AS_OF, people[:READ], Counter())
    assert differences(read, {key: one_by_one[key] for key in read}) == []
    outcomes = Counter(answer.outcome for answer in everybody.values())
    assert len(outcomes) >= 3  # a population of one kind would prove little


def random_household(seed: int, pack: Pack) -> Household:
    """Up to five members; most are poor, one fact in twelve is missing or said to be unknown."""
    rng = random.Random(f"shipped {seed}")
    id, place = f"h{seed:05d}", rng.choice(VILLAGES)
    persons = tuple(
        Person(f"{id}.{n}", rng.choice(pack.roles) if n else "head", place, _facts(rng, pack, "person"))
        for n in range(rng.randint(1, 5))
    )
    household = Household(id, place, _facts(rng, pack, "household"), persons)
    return replace(household, enrolments=tuple(_enrolments(rng, household)))


def _facts(rng: random.Random, pack: Pack, entity: str) -> dict[str, Any]:
    facts = [f for f in pack.facts.values() if f.entity == entity]
    told = {f.name: _value(rng, pack, f) for f in facts if rng.random() > 0.06}
    return {n: UNKNOWN if rng.random() < 0.02 else v for n, v in told.items()}


def _value(rng: random.Random, pack: Pack, fact: Fact) -> Any:
    if fact.type == "area":
        return rng.choice([*VILLAGES, VILLAGES[0], VILLAGES[0]])
    if fact.type == "money":
        return rng.choice([Decimal(0), Decimal(rng.randint(0, 60000)) / 100])
    if fact.type == "int":
        return int(fact.min or 0) + rng.choice([0, 0, 0, 1, 2])
    if fact.type == "bool" and fact.presumed is not None:
        return fact.presumed if rng.random() < 0.9 else not fact.presumed
    return Draw(rng, pack, AS_OF, 0, [], {}).value(fact)


def _enrolments(rng: random.Random, h: Household):
    if rng.random() < 0.2:
        yield Enrolment("household", h.id, "dibao", Decimal(rng.randint(0, 90000)) / 100)
    if rng.random() < 0.1:
        yield Enrolment("person", rng.choice(h.persons).id, "tekun", Decimal("816.00"), starts_on=AS_OF)
