"""What a household rests on leaves a fingerprint: whatever can move an answer changes it, nothing else does."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from doudi.engine.screening.household import Enrolment, Household
from doudi.engine.screening.tests.made import write_snapshot
from doudi.engine.screening.tests.plans import household, person
from doudi.engine.screening.tests.test_run import rows, screened

pytestmark = pytest.mark.slow
FAMILY = household(person("a", wage="100", serious_illness=True), person("b", wage="0", serious_illness=False))


def fingerprint(family: Household, folder: Path) -> int:
    screened(write_snapshot(folder / "snapshot", [family]), folder / "out")
    ((_, _, found, _),) = rows(folder / "out", "inputs")
    return int(found)


@pytest.mark.parametrize("fact", ["wage", "pension", "lives_here", "serious_illness"])
def test_two_members_who_exchange_a_value_change_the_fingerprint(fact: str, tmp_path: Path) -> None:
    given = {"wage": ("5", "7"), "pension": ("5", "7"), "lives_here": (True, False), "serious_illness": (True, False)}
    one, other = given[fact]
    a, b = FAMILY.persons
    before = replace(FAMILY, persons=(_with(a, fact, one), _with(b, fact, other)))
    after = replace(FAMILY, persons=(_with(a, fact, other), _with(b, fact, one)))
    assert fingerprint(before, tmp_path / "1") != fingerprint(after, tmp_path / "2")


def test_an_enrolment_that_passes_to_another_member_changes_the_fingerprint(tmp_path: Path) -> None:
    paid = [replace(FAMILY, enrolments=(Enrolment("person", id, "tekun", Decimal("9.00")),)) for id in ("a", "b")]
    assert fingerprint(paid[0], tmp_path / "1") != fingerprint(paid[1], tmp_path / "2")


def test_what_no_rule_reads_leaves_the_fingerprint_alone(tmp_path: Path) -> None:
    a, b = FAMILY.persons
    born = replace(FAMILY, persons=(_with(a, "birth_date", "1970-01-01"), b))
    assert fingerprint(FAMILY, tmp_path / "1") == fingerprint(born, tmp_path / "2")


def _with(p, fact, value):
    return replace(p, facts={**p.facts, fact: value})
