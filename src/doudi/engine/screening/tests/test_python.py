"""One household: outcome, amount, masks and bounds of the generated Python."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from doudi.engine.policy.model import Agg, Condition, Lit
from doudi.engine.screening.household import UNKNOWN, Enrolment, Household
from doudi.engine.screening.python import Verdict, compiled, evaluate
from doudi.engine.screening.tests.plans import (
    DIBAO,
    ELSEWHERE,
    PLAN,
    call,
    f,
    household,
    person,
    with_conditions,
)
from doudi.engine.words import Refused

YUAN = Decimal


def verdict(h: Household, plan=PLAN) -> Verdict:
    return evaluate(plan, h).verdicts["dibao", "h1"]


def test_the_difference_to_the_standard_is_paid() -> None:
    got = verdict(household(person("a", "900.00", "520.00"), person("b", "180.00"), person("c"), person("d")))
    assert (got.outcome, got.amount, got.failed, got.unknown) == ("eligible", YUAN("800.00"), 0, 0)


def test_income_equal_to_the_standard_is_not_below_it() -> None:
    got = verdict(household(person("a", "1200.00"), person("b")))
    assert (got.outcome, got.amount, got.failed) == ("not_eligible", None, 1)


def test_every_condition_is_evaluated_and_a_failure_outweighs_the_unknown() -> None:
    got = verdict(household(person("a", "1200.00"), person("b"), savings=None))
    assert (got.outcome, got.failed, got.unknown) == ("not_eligible", 1, 2)


def test_unknown_savings_ask_instead_of_refusing() -> None:
    got = verdict(household(person("a", "100.00"), savings=None))
    assert (got.outcome, got.amount, got.unknown) == ("needs_verification", None, 2)


def test_one_unknown_wage_does_not_hide_an_income_already_above_the_standard() -> None:
    got = verdict(household(person("a", "1500.00"), person("b", None)))
    assert (got.outcome, got.failed, got.unknown) == ("not_eligible", 1, 0)
    assert verdict(household(person("a", "1199.99"), person("b", None))).outcome == "needs_verification"


def test_whoever_may_live_here_counts_on_both_sides_of_the_bounds() -> None:
    maybe = person("b", "0.00", lives_here=UNKNOWN)
    assert verdict(household(person("a", "500.00"), maybe)).unknown == 1 << 62  # below either way, amount open
    assert verdict(household(person("a", "1200.00"), maybe)).failed == 1  # at least the standard of both
    assert verdict(household(person("a", "700.00"), maybe)).unknown == 1


def test_a_presumed_fact_counts_until_it_is_said_to_be_unknown() -> None:
    assert evaluate(PLAN, household(person("a"))).household["dibao.members"] == 1
    assert evaluate(PLAN, household(person("a", lives_here=UNKNOWN))).household["dibao.members"] is None


def test_a_county_without_a_standard_is_asked() -> None:
    got = verdict(household(person("a"), division=ELSEWHERE))
    assert (got.outcome, got.unknown) == ("needs_verification", 0b11)


def test_the_class_of_the_household_picks_its_standard() -> None:
    assert verdict(household(person("a"), household_class="urban")).amount == YUAN("680.00")
    assert verdict(household(person("a"), household_class=None)).outcome == "needs_verification"


def test_an_override_replaces_a_variable_and_its_bounds() -> None:
    h = household(person("a", "100.00"), **{"dibao.income": YUAN("900.00")})
    assert verdict(h).failed == 1
    h = household(person("a", "9000.00"), **{"dibao.income": UNKNOWN})
    assert verdict(h).unknown == 1


def test_outside_its_conditions_a_programme_is_not_applicable() -> None:
    plan = with_conditions(*DIBAO.conditions, applies_when=Lit(False, "bool"))
    got = verdict(household(person("a", "5000.00"), savings=None), plan)
    assert (got.outcome, got.failed, got.unknown) == ("not_applicable", 0, 0)
    plan = with_conditions(*DIBAO.conditions, in_force=False)
    assert verdict(household(person("a")), plan).outcome == "not_applicable"


def test_the_sign_asks_and_an_unknown_sign_does_not() -> None:
    assert verdict(household(person("a", serious_illness=True))).ask
    assert not verdict(household(person("a"))).ask


def test_products_round_to_six_decimals_and_amounts_to_the_fen() -> None:
    third = call("div", Lit(Decimal(1), "number"), Lit(3, "int"), Lit(6, "int"), kind="number")
    plan = with_conditions(amount=call("*", third, f("savings", entity="household"), kind="money"))
    assert verdict(household(person("a"), savings=YUAN("0.02")), plan).amount == YUAN("0.01")


def test_enrolments_of_another_day_are_not_in_force() -> None:
    def read(starts: date | None, ends: date | None) -> bool:
        e = Enrolment("household", "h1", "dibao", YUAN("300.00"), starts_on=starts, ends_on=ends)
        return verdict(household(person("a"), enrolments=(e,))).ask

    assert read(None, None) and read(date(2020, 7, 20), date(2020, 7, 20))
    assert not read(date(2020, 7, 21), None) and not read(None, date(2020, 7, 19))


def test_age_is_full_on_the_first_of_march_for_those_born_on_a_29_february() -> None:
    of_age = Agg(
        "all",
        call(">=", call("age_years", f("birth_date", "date"), kind="int"), Lit(18, "int"), entity="person"),
        None,
        "bool",
    )
    plan = with_conditions(Condition("of_age", 5, of_age, None))
    h = household(person("a", birth_date=date(2004, 2, 29)))
    assert verdict(h, replace(plan, as_of=date(2022, 2, 28))).failed == 1 << 5
    assert verdict(h, replace(plan, as_of=date(2022, 3, 1))).outcome == "eligible"


def test_under_missing_default_nothing_is_unknown() -> None:
    plan = replace(PLAN, pack=replace(PLAN.pack, missing="default"))
    got = verdict(household(person("a", None, None), savings=None), plan)
    assert (got.outcome, got.amount) == ("eligible", YUAN("600.00"))


def test_the_source_is_written_once_and_found_again_for_an_equal_plan() -> None:
    assert compiled(PLAN) is compiled(PLAN)
    assert compiled(replace(PLAN)) is compiled(PLAN)
    other = replace(PLAN, area_values={"": PLAN.area_values[""]})
    assert compiled(other) is not compiled(PLAN)


def test_an_operator_nobody_can_compute_yet_is_refused_by_name() -> None:
    plan = with_conditions(amount=call("mean_months", f("wage"), Lit(3, "int"), kind="money"))
    with pytest.raises(Refused) as caught:
        compiled(plan)
    assert caught.value.faults[0].fields == {"op": "mean_months"}


def test_names_of_a_pack_reach_the_source_only_quoted() -> None:
    hostile = "x'] or __import__('os')#"
    plan = with_conditions(Condition("c", 0, f(hostile, "bool", "household"), None))
    assert repr(hostile) in compiled(plan).source
