"""What the language can say and how it is typed: functions, entities, periods, scales, days."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from doudi.engine.policy import plan
from doudi.engine.policy.model import Agg, Call, Enrolled, Expr, Lit, PlannedScale, Ref
from doudi.engine.policy.tests.small import BASIC, changed, faults_of, loaded

MORE_FACTS = """
  rent: {type: money, period: year, spread: true}
  began_on: {type: date, period: eternity}
  rate: {type: rate}
"""
MORE_PARAMETERS = """
tax:
  type: rate
  scale:
    kind: marginal_rate
    brackets:
      - {threshold: {2019-01-01: {value: 0}}, rate: {2019-01-01: {value: "0.1"}}}
      - {threshold: {2019-01-01: {value: 5000}, 2021-01-01: {value: 6000}}, rate: {2020-01-01: {value: "0.2"}}}
fee:
  type: money
  scale:
    kind: single_amount
    brackets: [{threshold: {2019-01-01: {value: 18}}, amount: {2019-01-01: {value: "7.50"}}}]
months: {type: int, values: {2019-01-01: {value: 3}}}
"""


def expression(entity: str, type_: str, text: str, period: str = "month") -> Expr:
    files = changed("facts.yaml", "", MORE_FACTS)
    files["parameters.yaml"] += MORE_PARAMETERS.encode()
    spec = f'{{entity: {entity}, type: {type_}, period: {period}, expr: "{text}"}}'
    files["variables.yaml"] += (
        f"tested: {spec}\nyearly: {{entity: household, type: money, period: year, expr: rent}}\n".encode()
    )
    faults = faults_of(files)
    assert not faults, [f.text("en") for f in faults]
    return loaded(files).variables["tested"].formulas[0][1]


@pytest.mark.parametrize(
    ("entity", "type_", "text"),
    [
        ("person", "money", "if(lives_here, wage, 0)"),
        ("person", "money", "max(wage - pension, 0)"),
        ("person", "money", "min(wage, pension, money('9.99'))"),
        ("person", "money", "wage * 0.5 + 2 * pension"),
        ("person", "money", "wage * rate * 12"),
        ("person", "number", "div(wage, pension, 4)"),
        ("person", "money", "div(wage, 3, 2)"),
        ("person", "int", "floor(div(homes, 2, 1))"),
        ("person", "money", "round(wage, 1, up)"),
        ("person", "money", "round(wage, '0.01', 'half_up')"),
        ("person", "int", "age_years(born_on, began_on)"),
        ("person", "date", "add_months(add_days(born_on, 3), 12 * adult_age)"),
        ("person", "int", "days_between(born_on, as_of()) - workdays_between(born_on, as_of())"),
        ("person", "int", "year(born_on) * 12 + month(born_on) + months_between(born_on, as_of())"),
        ("person", "bool", "role in ('head', 'spouse') and not (disability == 'none')"),
        ("person", "bool", "same_area(registered_in, division, 'county') or in_area(division, '340000000000')"),
        ("person", "bool", "enrolled('disabled') or enrolled('basic') or enrolled('orphans')"),
        ("person", "money", "enrolled_amount('disabled') + basic.amount"),
        ("person", "bool", "(homes > 1) == (savings > 0)"),
        ("household", "money", "sum(wage + pension, lives_here and age_years(born_on) >= adult_age)"),
        ("household", "date", "min(born_on)"),
        ("household", "int", "max(age_years(born_on), lives_here)"),
        ("household", "int", "max(homes, 2)"),
        ("household", "bool", "any(serious_illness, role == 'child') or all(lives_here)"),
        ("household", "int", "count_if(disability != 'none') + count_if(wage > money('100'))"),
        ("household", "bool", "any(disabled.eligible) and sum(disabled.amount) > 0"),
        ("household", "money", "per_month(yearly) + per_month(rent)"),
        ("household", "money", "in_month(savings, -1) + mean_months(savings, months) + sum_months(savings, 12)"),
        ("household", "money", "scale(tax, savings)"),
        ("household", "money", "scale('fee', homes)"),
        ("household", "int", "max(homes, count_if(true))"),
        ("household", "bool", "homes in (1, 2, 3) and registered_in in ('341503000000', '341502000000')"),
        ("household", "bool", "as_of() in (date('2020-01-01'), date('2020-07-01'))"),
        ("household", "text", "if(homes > 1, 'many', 'few')"),
        ("household", "bool", "is_known(savings)"),
    ],
)  # fmt: skip
def test_a_good_expression_has_the_type_it_is_declared_with(entity: str, type_: str, text: str) -> None:
    assert expression(entity, type_, text).type == type_


def test_a_year_reads_a_month_only_as_its_first() -> None:
    assert expression("household", "money", "first_month(savings) + rent", period="year").type == "money"
    files = changed("variables.yaml", "", "y: {entity: household, type: money, period: year, expr: savings}\n")
    assert [f.code for f in faults_of(files)] == ["policy.month_plain"]


def test_a_month_reads_a_year_only_per_month() -> None:
    files = changed("facts.yaml", "", MORE_FACTS)
    files["variables.yaml"] += b"m: {entity: household, type: money, expr: rent}\n"
    assert [f.code for f in faults_of(files)] == ["policy.year_plain"]


def test_and_holds_all_its_parts_in_one_call() -> None:
    found = expression("household", "bool", "homes > 1 and homes > 2 and (homes > 3 or homes > 4)")
    assert isinstance(found, Call) and [a.op for a in found.args if isinstance(a, Call)] == [">", ">", "or"]


def test_min_with_a_bool_runs_over_members_and_without_over_its_arguments() -> None:
    over = expression("household", "money", "max(wage, lives_here)")
    assert isinstance(over, Agg) and over.where == Ref("lives_here", "fact", "bool", "person")
    plain = expression("household", "money", "max(savings, money('1.00'))")
    assert isinstance(plain, Call) and plain.args[1] == Lit(Decimal("1.00"), "money")


def test_units_are_dropped_where_a_product_or_a_sum_changes_them() -> None:
    figure = "need_of_one: {type: money, unit: yuan_per_person_month, by: area, values: {}}\n"
    files = changed("parameters.yaml", "", figure)
    text = "sum(need_of_one, lives_here) + savings > 0 and need_of_one * savings_months > savings"
    text += " and savings_months * adult_age > adult_age"
    files[BASIC] = files[BASIC].replace(b"expr: homes <= 1", f"expr: {text}".encode())
    assert faults_of(files) == []
    files[BASIC] = files[BASIC].replace(b"sum(need_of_one, lives_here)", b"2 * need_of_one")
    assert [f.fields["right"] for f in faults_of(files)] == ["yuan_per_person_month"]


def test_a_bare_zero_becomes_the_type_it_stands_beside() -> None:
    found = expression("household", "bool", "savings > 0")
    assert isinstance(found, Call) and found.args[1] == Lit(Decimal(0), "money")


def test_a_member_counts_as_enrolled_through_the_household() -> None:
    assert expression("person", "bool", "enrolled('basic')") == Enrolled("basic", "bool", "person")
    assert expression("household", "bool", "enrolled('basic')") == Enrolled("basic", "bool", "household")
    assert expression("person", "money", "enrolled_amount('basic')") == Enrolled("basic", "money", "household")


def test_a_scale_has_the_brackets_of_the_day() -> None:
    files = changed("parameters.yaml", "", MORE_PARAMETERS)
    pack = loaded(files)

    def brackets(day: date) -> object:
        scale = plan(pack, day).parameters["tax"].scale
        assert isinstance(scale, PlannedScale) and len(scale.origins) == len(scale.brackets)
        return scale.brackets

    tenth, fifth = (Decimal(0), Decimal("0.1")), Decimal("0.2")
    assert brackets(date(2019, 6, 1)) == (tenth,)
    assert brackets(date(2020, 6, 1)) == (tenth, (Decimal(5000), fifth))
    assert brackets(date(2021, 6, 1)) == (tenth, (Decimal(6000), fifth))


def test_a_parameter_may_end_and_then_the_wider_area_s_value_holds() -> None:
    files = changed("areas/341503000000/parameters.yaml", "", "    2020-07-01: {value: null}\n")
    values = plan(loaded(files), date(2020, 7, 20), ["341503000000"]).area_values["341503"]
    assert (values["basic.savings_months", None].value, values["basic.savings_months", None].area) == (12, "")


def test_a_parameter_may_leave_a_level_out_of_its_fallback() -> None:
    files = changed("programmes/basic/parameters.yaml", "  per: residence", "  per: residence\n  fallback: [county]")
    values = plan(loaded(files), date(2020, 7, 20), ["341502000000"]).area_values["341502"]
    assert ("basic.standard", "rural") not in values


def test_a_variable_ends_with_its_last_day() -> None:
    files = changed("variables.yaml", "counted_income:\n", "counted_income:\n  end: 2020-06-30\n")
    pack = loaded(files)
    assert isinstance(plan(pack, date(2020, 6, 30)).definitions["counted_income"].expr, Call)
    assert plan(pack, date(2020, 7, 1)).definitions["counted_income"].expr == Lit(None, "money")


def test_with_missing_default_a_variable_out_of_force_is_zero() -> None:
    files = changed("pack.yaml", "missing: unknown", "missing: default")
    definitions = plan(loaded(files), date(2018, 1, 1)).definitions
    assert definitions["counted_income"].expr == Lit(Decimal(0), "money")
    figures = plan(loaded(files), date(2018, 1, 1), ["341503000000"]).area_values["341503"]
    assert (figures["adult_age", None].value, figures["basic.standard", "rural"].value) == (0, Decimal(0))


def test_a_draft_of_an_exclusion_holds_only_on_its_days() -> None:
    files = changed(BASIC, "mode: instead}", "mode: instead, from: 2020-01-01, to: 2020-12-31}")
    pack = loaded(files)
    held = [len(plan(pack, day).programmes["basic"].excludes) for day in (date(2019, 12, 31), date(2020, 12, 31))]
    assert held == [0, 1]


SCALE = """
tax:
  type: TYPE
  MORE
  scale:
    kind: KIND
    brackets:
      - {threshold: {2019-01-01: {value: 0}}, WHAT: {2019-01-01: {value: VALUE}}}
      - {threshold: {2019-01-01: {value: "5.5"}}, WHAT: {2020-01-01: {value: VALUE}}}
"""


@pytest.mark.parametrize(
    "old, new, code",
    [
        ("", "", None),
        ("money", "date", "policy.scale_type"),
        ("MORE", "by: area", "policy.scale_beside"),
        ('"5.5"', "0", "policy.threshold_twice"),
        ('{value: "1.50"}', "{value: 1}", None),
        ('{value: "1.50"}', '{value: "1.505"}', "policy.money_fen"),
        ('{value: "1.50"}', "{value: 1.5}", "policy.yaml_float"),
        ("single_amount", "marginal", "policy.no_choice"),
        ("single_amount", "marginal_rate", "policy.unknown_key"),
    ],
)
def test_a_scale_has_each_threshold_once_and_values_of_its_type(old: str, new: str, code: str | None) -> None:
    text = SCALE.replace("TYPE", "money").replace("KIND", "single_amount").replace("WHAT", "amount")
    text = text.replace("VALUE", '"1.50"').replace(old, new, 1).replace("  MORE\n", "")
    codes = {f.code for f in faults_of(changed("parameters.yaml", "", text))}
    assert codes == set() if code is None else code in codes


def test_a_text_that_says_how_to_round_is_one_of_the_modes() -> None:
    files = changed("parameters.yaml", "", "how: {type: text, values: {2019-01-01: {value: nearest}}}\n")
    files[BASIC] = files[BASIC].replace(b"mode: half_up", b"mode: how")
    assert [(f.code, f.path) for f in faults_of(files)] == [("policy.no_choice", "how")]
