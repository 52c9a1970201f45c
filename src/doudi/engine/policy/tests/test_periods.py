"""What a plan makes of other months, and how far a pack may look back."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import date

import pytest

from doudi.engine.policy import plan
from doudi.engine.policy.model import Agg, Call, Lit, Plan, PlannedScale, Ref
from doudi.engine.policy.tests.small import changed, faults_of, loaded
from doudi.engine.words import Refused

AS_OF = date(2020, 7, 20)


def planned(
    variables: str, more: dict[str, str] | None = None, as_of: date = AS_OF, areas: tuple[str, ...] = ()
) -> Plan:
    files = changed("variables.yaml", "", variables)
    for name, text in (more or {}).items():
        files[name] = files.get(name, b"") + text.encode()
    return plan(loaded(files), as_of, areas)


def added(found: Plan) -> set[str]:
    return {n for table in (found.facts, found.definitions, found.parameters) for n in table if "@" in n}


def test_a_pack_that_reads_no_other_month_has_no_name_of_one() -> None:
    assert added(planned("")) == set()
    assert added(planned("now: {entity: person, type: money, expr: 'in_month(wage, 0)'}\n")) == set()


def test_only_what_is_reached_is_named() -> None:
    found = planned("then: {entity: household, type: money, expr: 'in_month(income, -2)'}\n")
    names = {"income@2020-05", "counted_income@2020-05", "wage@2020-05", "pension@2020-05", "lives_here@2020-05"}
    assert added(found) == names
    assert found.order.index("counted_income@2020-05") < found.order.index("income@2020-05")
    assert found.definitions["then"].expr == Ref("income@2020-05", "variable", "money", "household")
    income = found.definitions["income@2020-05"].expr
    assert isinstance(income, Agg) and income.value == Ref("counted_income@2020-05", "variable", "money", "person")


def test_labels_and_questions_speak_of_the_month() -> None:
    found = planned("then: {entity: household, type: money, expr: 'in_month(income, -2)'}\n")
    assert found.definitions["income@2020-05"].label.zh == "家庭收入（2020年5月）"
    assert found.facts["wage@2020-05"].label.en == "Wage (2020-05)"
    assert found.facts["wage@2020-05"].question.zh == "2020年5月：每月工资多少？"


def test_months_are_counted_over_the_turn_of_a_year_and_the_last_of_a_long_month() -> None:
    variables = "then: {entity: person, type: money, expr: 'in_month(wage, -1)'}\n"
    assert "wage@2019-12" in added(planned(variables, as_of=date(2020, 1, 31)))
    assert "wage@2020-02" in added(planned(variables, as_of=date(2020, 3, 31)))
    assert "wage@2024-02" in added(planned(variables, as_of=date(2024, 3, 29)))


def test_a_figure_is_a_name_of_its_own_only_where_it_was_another() -> None:
    variables = (
        "old: {entity: household, type: int, expr: adult_age}\n"
        "then: {entity: household, type: int, expr: 'in_month(old, -1) + in_month(old, -24)'}\n"
    )
    raised = "  values:\n    2019-01-01: {value: 18"
    files = changed("parameters.yaml", raised, raised + "}\n    2020-06-15: {value: 20")
    files["variables.yaml"] += variables.encode()
    found = plan(loaded(files), AS_OF)
    assert found.definitions["old@2020-06"].expr == Ref("adult_age@2020-06", "parameter", "int", None)
    assert found.area_values[""]["adult_age@2020-06", None].value == 18
    assert ("adult_age@2018-07", None) not in found.area_values[""]  # before its first date
    same = planned(variables)
    assert same.definitions["old@2020-06"].expr == Ref("adult_age", "parameter", "int", None)


def test_a_scale_has_the_brackets_of_the_months_first_day() -> None:
    scale = (
        "fee: {type: money, scale: {kind: single_amount, brackets: [{threshold: {2019-01-01: {value: '0'}}, "
        "amount: {2019-01-01: {value: '1'}, 2020-06-02: {value: '5'}}}]}}\n"
    )
    variables = (
        "paid: {entity: household, type: money, expr: 'scale(fee, homes)'}\n"
        "then: {entity: household, type: money, expr: 'in_month(paid, -1)'}\n"
    )
    found = planned(variables, {"parameters.yaml": scale})
    amounts = [found.parameters[n].scale for n in ("fee", "fee@2020-06")]
    assert [s.brackets[0][1] for s in amounts if isinstance(s, PlannedScale)] == [5, 1]


def test_the_day_of_another_month_is_written_in() -> None:
    variables = (
        "day: {entity: household, type: date, expr: as_of()}\n"
        "then: {entity: household, type: date, expr: 'in_month(day, -1)'}\n"
        "now: {entity: household, type: date, expr: 'in_month(day, 0)'}\n"
        "before: {entity: person, type: bool, expr: 'in_month(is_adult, -1)'}\n"
    )
    found = planned(variables)
    assert found.definitions["day@2020-06"].expr == Lit(date(2020, 6, 1), "date")
    assert found.definitions["day"].expr == Call("as_of", (), "date", None)
    adult = found.definitions["is_adult@2020-06"].expr
    assert isinstance(adult, Call) and isinstance(adult.args[0], Call)
    assert adult.args[0].args[1] == Lit(date(2020, 6, 1), "date")


def test_a_variable_of_its_own_past_is_a_cycle_with_its_path() -> None:
    own = "a: {entity: household, type: money, expr: 'savings + in_month(b, -1)'}\n"
    own += "b: {entity: household, type: money, expr: 'a'}\n"
    (fault,) = faults_of(changed("variables.yaml", "", own))
    assert (fault.code, fault.fields["path"]) == ("policy.cycle", "a → b → a")


def test_a_pack_that_reaches_too_many_months_is_refused_with_the_way_there() -> None:
    sums = "".join(
        f"s{n}: {{entity: household, type: money, expr: 'sum_months({'savings' if n == 1 else f's{n - 1}'}, 120)'}}\n"
        for n in range(1, 6)
    )
    started = time.monotonic()
    (fault,) = faults_of(changed("variables.yaml", "", sums))
    assert time.monotonic() - started < 2
    assert fault.code == "policy.plan_size" and fault.file == "variables.yaml" and " → " in fault.fields["path"]


def test_a_number_of_months_is_one_to_ten_years() -> None:
    many = "span: {type: int, by: area, values: {2019-01-01: {value: 3}}}\n"
    local = "span: {values: {2019-01-01: {value: 121}}}\n"
    files = changed("parameters.yaml", "", many)
    files["variables.yaml"] += b"s: {entity: household, type: money, expr: 'sum_months(savings, span)'}\n"
    files["areas/341503000000/parameters.yaml"] = files.get("areas/341503000000/parameters.yaml", b"") + local.encode()
    (fault,) = faults_of(files)
    assert (fault.code, fault.fields["value"]) == ("policy.months_range", 121)
    files["areas/341503000000/parameters.yaml"] = files["areas/341503000000/parameters.yaml"].replace(b"121", b"120")
    assert (
        len([n for n in added(plan(loaded(files), AS_OF, ["341503000000"])) if n.startswith("savings@20")]) == 119
    )  # and this month


def test_a_figure_set_for_a_what_if_is_checked_when_planned() -> None:
    files = changed("parameters.yaml", "", "span: {type: int, values: {2019-01-01: {value: 3}}}\n")
    files["variables.yaml"] += b"s: {entity: household, type: money, expr: 'sum_months(savings, span)'}\n"
    pack = loaded(files)
    span = pack.parameters["span"]
    moved = replace(span, values=tuple(replace(v, value=0) for v in span.values))
    with pytest.raises(Refused) as caught:
        plan(replace(pack, parameters=pack.parameters | {"span": moved}), AS_OF)
    assert [f.code for f in caught.value.faults] == ["policy.months_range"]


@pytest.mark.parametrize(
    ("variable", "code"),
    [
        ("{entity: household, type: money, expr: 'in_month(yearly, -12)'}", "year_plain"),
        ("{entity: household, type: money, period: year, expr: 'in_month(yearly, -6)'}", "whole_years"),
        ("{entity: household, type: money, expr: 'sum_months(yearly, 2)'}", "period_of"),
        ("{entity: household, type: money, expr: 'sum_months(savings, 121)'}", "whole_literal"),
        ("{entity: household, type: money, expr: 'in_month(savings, 1)'}", "whole_literal"),
        ("{entity: household, type: money, period: year, expr: 'savings'}", "month_plain"),
        ("{entity: household, type: money, expr: 'yearly'}", "year_plain"),
    ],
)
def test_mixing_months_and_years_is_refused(variable: str, code: str) -> None:
    yearly = "yearly: {entity: household, type: money, period: year, expr: first_month(savings)}\n"
    (fault,) = faults_of(changed("variables.yaml", "", f"{yearly}bad: {variable}\n"))
    assert fault.code == f"policy.{code}"


@pytest.mark.parametrize("spread", ["{type: int, spread: true}", "{type: money, period: eternity, spread: true}"])
def test_only_amounts_of_months_share_a_year(spread: str) -> None:
    (fault,) = faults_of(changed("facts.yaml", "", f"  crop: {spread}\n"))
    assert fault.code == "policy.spread"


@pytest.mark.parametrize(
    ("history", "code"),
    [
        ("{period: spring, household: {savings: '1.00'}}", "history_form"),
        ("{period: 0000-01, household: {savings: '1.00'}}", "history_form"),
        ("{period: 2020, household: {savings: '1.00'}}", "history_period"),
        ("{period: 2020-01, household: {registered_in: '341503000000'}}", "history_period"),
        ("{period: 2020-07, household: {savings: '1.00'}}", "history_twice"),
        ("{period: 2020-01, household: {savings: 1.5}}", "yaml_float"),
        ("{period: 2020-01, household: {savngs: '1.00'}}", "unknown_name"),
        ("{period: 2020-01, household: {wage: '1.00'}}", "other_entity"),
    ],
)
def test_the_history_of_an_example_fits_its_facts(history: str, code: str) -> None:
    text = (
        "- name: other\n  as_of: 2020-07-20\n  facts: {household: {savings: '5.00'}, persons: [{id: a}]}\n"
        f"  history: [{history}]\n  expect: {{}}\n"
    )
    files = changed("variables.yaml", "", "")
    files["examples.yaml"] = text.encode()
    assert [f.code for f in faults_of(files)] == [f"policy.{code}"]
