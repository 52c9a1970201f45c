"""Bad expressions: misspelt, too long, unknown names, wrong types and units. Attacks stand in `hostile.yaml`."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from doudi.engine.policy.grammar import Name, parse
from doudi.engine.policy.tests.small import BASIC, changed, faults_by_variable, faults_of
from doudi.engine.words import Fault

# Expressions put in the place of a household condition.
OF_A_HOUSEHOLD = [
    # spelling
    ("", "expression_empty"),
    ("homes <= ", "expression_syntax"),
    ("(homes <= 1", "expression_syntax"),
    ("homes <= 1)", "expression_syntax"),
    ("homes = 1", "other_spelling"),
    ("homes <> 1", "other_spelling"),
    ("homes <= 1 AND homes >= 0", "other_spelling"),
    ("homes <= 1e3", "number_form"),
    ("homes <= 01", "number_form"),
    ("homes <= .5", "number_form"),
    ("homes <= 1000000000000", "number_large"),
    ("div(savings, standard, 2) <= 1000000000000.5", "number_large"),
    ("homes <= 0x10", "expression_syntax"),
    ("homes <= NaN", "name_form"),
    ("0 <= homes <= 1", "chained_comparison"),
    ("homes / 2 <= 1", "slash"),
    ("min(homes, ) <= 1", "expression_syntax"),
    ("+homes <= 1", "expression_syntax"),
    ("住房 <= 1", "name_form"),
    # limits
    ("homes <= 1" + " or homes <= 1" * 3_000, "expression_long"),
    ("+".join(["homes"] * 60) + " <= 1", "expression_depth"),
    (" or ".join(["1<2"] * 250), "expression_nodes"),
    ("(" * 400 + "homes <= 1" + ")" * 400, "expression_depth"),
    ("not " * 300 + "lives", "expression_depth"),
    ("- " * 300 + "homes <= 1", "expression_depth"),
    ("abs(" * 60 + "homes" + ")" * 60 + " <= 1", "expression_depth"),
    # names, entities, programmes
    ("home <= 1", "unknown_name"),
    ("basic.nothing <= 1", "unknown_name"),
    ("standrad * members > 0", "unknown_name"),
    ("wage > 0", "person_in_household"),
    ("disabled.eligible", "person_in_household"),
    ("enrolled('disabled')", "person_in_household"),
    ("any(any(wage > 0))", "aggregate_in_person"),
    ("sum(max(wage)) > 0", "aggregate_in_person"),
    ("enrolled('basik')", "unknown_programme"),
    ("enrolled(residence)", "text_literal"),
    ("smu(wage) > 0", "unknown_function"),
    # types and units
    ("homes", "wanted"),
    ("savings * savings > 0", "money_times_money"),
    ("savings > 650", "money_and_number"),
    ("savings > 650.00", "money_and_number"),
    ("savings + homes > 0", "money_and_number"),
    ("savings > '650'", "misfit"),
    ("(homes <= 1) + 1 > 0", "misfit"),
    ("-(homes <= 1) == 1", "no_arithmetic"),
    ("residence + residence == 'urbanrural'", "no_arithmetic"),
    ("residence < 'urban'", "no_order"),
    ("residence == 'urbn'", "no_enum_value"),
    ("residence in ('urban', 'town')", "no_enum_value"),
    ("residence in ('urban')", "in_literals"),
    ("homes in (1, residence)", "in_literals"),
    ("homes in ('a', 'b')", "misfit"),
    ("homes in (" + ", ".join(str(n) for n in range(51)) + ")", "in_literals"),
    ("homes and true", "wanted"),
    ("not homes", "wanted"),
    ("if(homes, true, false)", "wanted"),
    ("if(homes > 1, savings, homes) > 0", "money_and_number"),
    ("div(homes, savings, 2) > 1", "number_by_money"),
    ("div(homes, 2) > 1", "arguments"),
    ("div(homes, 2, homes) > 1", "whole_literal"),
    ("round(savings, 0.01, bankers) > 0", "unknown_name"),
    ("age_years(homes) > 1", "wanted"),
    ("date('2020-02-30') > as_of()", "expected_date"),
    ("date(homes) > as_of()", "text_literal"),
    ("as_of() + 1 > as_of()", "misfit"),
    ("savings > money('6e2')", "expected_money"),
    ("savings > money('600.001')", "expected_money"),
    ("any(role == 'grandpa')", "no_enum_value"),
    ("members * savings_months + adult_age > 0", "units"),
    ("in_area(registered_in, '99')", "expected_area"),
    ("registered_in == 'nowhere'", "expected_area"),
    ("same_area(registered_in, division, 'village')", "no_choice"),
    ("same_area(registered_in, residence, 'city')", "wanted"),
    ("scale(adult_age, homes) > 0", "no_scale"),
    ("in_month(homes, 1) > 0", "whole_literal"),
    ("sum_months(homes + 1, 3) > 0", "want_name"),
    ("per_month(homes) > 0", "period_of"),
]


@pytest.fixture(scope="module")
def faults_by_path() -> dict[str, list[Fault]]:
    """One pack with all of them, each in a variable of its own: they are all told at once, in less than two seconds."""
    return faults_by_variable([text for text, _ in OF_A_HOUSEHOLD])


@pytest.mark.parametrize("n", range(len(OF_A_HOUSEHOLD)), ids=[f"{c}: {t[:40]!r}" for t, c in OF_A_HOUSEHOLD])
def test_a_bad_expression_is_a_fault_with_place_reason_and_remedy(
    n: int, faults_by_path: dict[str, list[Fault]]
) -> None:
    faults = faults_by_path.get(f"variables.bad_{n}.expr", [])
    assert f"policy.{OF_A_HOUSEHOLD[n][1]}" in {f.code for f in faults}, [f.text("en") for f in faults]
    assert all(f.text(lang) for f in faults for lang in ("zh", "en"))


def test_whether_something_is_known_decides_no_condition() -> None:
    (fault,) = faults_of(changed(BASIC, "expr: homes <= 1", "expr: is_known(savings)"))
    assert (fault.code, fault.path) == ("policy.is_known", "conditions.one_home.expr")


def test_a_programme_cannot_hang_on_its_own_outcome() -> None:
    (fault,) = faults_of(
        changed(BASIC, "expr: homes <= 1", "expr: disabled.eligible == true or any(disabled.eligible)")
    )
    assert fault.code == "policy.person_in_household"
    (fault,) = faults_of(changed(BASIC, "expr: homes <= 1", "expr: any(disabled.eligible)"))
    assert fault.fields["path"] == "basic → disabled → basic"


@pytest.mark.slow
def test_fifty_levels_are_read_by_several_threads_at_once() -> None:
    deep = "(" * 49 + "a" + ")" * 49
    with ThreadPoolExecutor(8) as threads:
        assert set(threads.map(parse, [deep] * 60)) == {Name("a")}
    assert sys.getrecursionlimit() < 2_000


def test_two_mistakes_in_one_expression_are_both_told() -> None:
    faults = faults_of(changed(BASIC, "expr: homes <= 1", "expr: home <= 1 and saving > 0"))
    assert [f.fields["name"] for f in faults] == ["home", "saving"]


def test_the_nearest_names_are_offered_as_one_writes_them_there() -> None:
    (fault,) = faults_of(changed(BASIC, "expr: homes <= 1", "expr: savings_month <= 1"))
    assert "Did you mean savings_months" in fault.text("en")


def test_a_cycle_is_told_with_its_path() -> None:
    files = changed(
        "variables.yaml",
        "",
        "a: {entity: household, type: int, expr: b + 1}\nb: {entity: household, type: int, expr: a}\n",
    )
    (fault,) = faults_of(files)
    assert fault.fields["path"] == "a → b → a"
