from __future__ import annotations

from datetime import date
from decimal import Decimal

from stdnum.cn import ric

from doudi.demo.cast import OPENING, RUNNING, CastHousehold, Stage, cast, observations
from doudi.engine import policy

OPENS = date(2020, 7, 20)


def household(name: str, as_of: date = OPENS, stages: frozenset[Stage] = OPENING) -> CastHousehold:
    facts = policy.load("cn").facts
    return next(h for h in cast(as_of, facts, stages) if h.id == name)


def test_before_the_visit_only_lists_speak_of_c1() -> None:
    before, after = household("h01", date(2020, 7, 15)), household("h01")
    assert "savings" not in before.facts
    assert "work_income" not in before.persons[0].facts
    assert before.persons[1].facts["medical_own_share"] == Decimal("38600.00")
    assert after.facts["savings"] == Decimal("8000.00")


def test_a_survey_lapses_with_the_flood_and_the_ledger_stays() -> None:
    flooded = household("h08")
    assert "work_income" not in flooded.persons[0].facts
    assert flooded.facts["house_state"] == "collapsed"
    assert flooded.facts["disaster_hit_on"] == date(2020, 6, 23)


def test_what_arrives_while_the_demo_runs_is_not_known_when_it_opens() -> None:
    assert "work_income" not in household("h09").persons[0].facts
    visited = household("h09", stages=RUNNING)
    assert visited.persons[0].facts["work_income"] == Decimal("180.00")
    assert "savings" not in visited.facts  # the visit asked, the bank has not answered


def test_everybody_has_a_number_that_is_right_and_cannot_be_issued() -> None:
    people = [p for h in cast(OPENS, policy.load("cn").facts) for p in h.persons if p.number]
    assert len(people) == len({p.number for p in people}) > 40
    for person in people:
        assert person.number.startswith(("341599", "520599"))
        assert ric.calc_check_digit(person.number) == person.number[-1]
        if "birth_date" in person.facts:
            assert f"{person.facts['birth_date']:%Y%m%d}" == person.number[6:14]


def test_every_observation_names_a_register_that_the_pack_knows_for_its_facts() -> None:
    facts = policy.load("cn").facts
    for row in observations():
        for name in row.facts:
            assert row.source in facts[name].settled_by, (row.cast, row.source, name)


def test_every_made_up_value_holds_from_the_first_day_of_the_demos_year() -> None:
    made_up = [v for p in policy.load("cn").parameters.values() for v in p.values if v.confidence == "demo"]
    assert len(made_up) > 20 and {v.since for v in made_up} == {date(2020, 1, 1)}
