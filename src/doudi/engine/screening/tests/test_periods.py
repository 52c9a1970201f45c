"""Months and years: every feature in an invented pack, on both backends, by examples and by a snapshot on disk."""

from __future__ import annotations

from pathlib import Path

import pytest

from doudi.engine.screening.packtest import run_examples
from doudi.engine.screening.tests.seasons import FILES, HEAD, written

pytestmark = pytest.mark.slow


def differences(pack: Path, examples: str, missing: str = "unknown") -> list[tuple[str, str, str, str]]:
    """What either backend says otherwise: backend, what, expected, actual."""
    (pack / "examples.yaml").write_text(examples, "utf-8")
    (pack / "pack.yaml").write_text(HEAD.format(missing=missing), "utf-8")
    results = run_examples(pack)
    assert {r.backend for r in results} == {"python", "duckdb"}
    return [(r.backend, d.what, d.expected, d.actual) for r in results for d in r.differences]


def example(expect: str, *, household: str = "", person: str = "", history: str = "", as_of: str = "2020-07-20") -> str:
    """One person `a` in one household. history: rows apart by newlines."""
    rows = "".join(f"\n    - {line.strip()}" for line in history.splitlines() if line.strip())
    return f"""
- name: one
  as_of: {as_of}
  facts:
    household: {{division: "341503203204"{household and ", " + household}}}
    persons: [{{id: a, role: head{person and ", " + person}}}]
  history:{rows or " []"}
  expect: {{{expect}}}
"""


WAGES = """
{period: 2020-06, persons: [{id: a, wage: "600.00", hours: 1}]}
{period: 2020-05, persons: [{id: a, wage: "500.00", hours: 2}]}
{period: 2020-04, persons: [{id: a, wage: "400.00"}]}
"""


class Examples:
    """Examples of one test, run at once."""

    def __init__(self, pack: Path) -> None:
        self.pack = pack
        self.texts: dict[str, list[str]] = {}

    def check(self, variables: str, missing: str = "unknown", **told: str) -> None:
        """These values of variables, as YAML, from what is told."""
        self.add(example(f"variables: {{{variables}}}", **told), missing)

    def add(self, text: str, missing: str = "unknown") -> None:
        texts = self.texts.setdefault(missing, [])
        texts.append(text.replace("name: one", f"name: number {len(texts) + 1}"))

    def run(self) -> None:
        for missing, texts in self.texts.items():
            assert differences(self.pack, "".join(texts), missing) == []


@pytest.fixture
def examples(tmp_path: Path) -> Examples:
    return Examples(written(tmp_path / "pack", FILES))


def test_another_month_is_read_by_its_number(examples: Examples) -> None:
    examples.check('wage_before: "400.00", studied: false', history=WAGES)
    examples.check("wage_before: unknown", person='wage: "1.00"')
    examples.run()


def test_sums_and_means_run_over_the_last_months_this_one_included(examples: Examples) -> None:
    now = 'wage: "700.00", hours: 2'
    examples.check('wages: "1800.00", mean_wage: "600.00", mean_hours: "1.666667"', person=now, history=WAGES)
    examples.check("wages: unknown, mean_wage: unknown, mean_hours: unknown", history=WAGES)
    examples.run()


def test_the_number_of_months_may_be_each_countys_own(examples: Examples) -> None:
    now = 'wage: "700.00"'
    examples.check('wages_by_area: "1300.00", mean_by_area: "650.00"', person=now, history=WAGES)
    there = example('variables: {wages_by_area: "1800.00", mean_by_area: "600.00"}', person=now, history=WAGES)
    examples.add(there.replace("341503203204", "520502001001"))
    examples.run()


def test_a_formula_and_its_figures_are_those_of_the_months_first_day(examples: Examples) -> None:
    examples.check('half: "1400.00", half_before: "500.00", halves: "2600.00"', person='wage: "700.00"', history=WAGES)
    examples.check('line_before: "100.00", line_later: "200.00", ended_before: "9.00", of_ended: unknown')
    rent = '{period: 2020-04, household: {rent: "3.00"}}'
    examples.check('of_steps: "5.00", steps_before: "1.00"', household='rent: "3.00"', history=rent)
    kinds = "{period: 2020-04, household: {kind: urban}}"
    examples.check('of_kind: "3.00", kind_before: "2.00"', household="kind: rural", history=kinds)
    examples.check("kind_before: unknown", household="kind: rural")
    examples.run()


def test_ages_and_days_are_those_of_the_months_first_day(examples: Examples) -> None:
    examples.check("age: 10, age_before: 9, today: 2020-07-20, day_before: 2020-04-01", person="born: 2010-04-02")
    examples.check("age: 10, age_before: 10", person="born: 2010-04-01")
    examples.run()


def test_a_year_reads_january_and_a_month_reads_a_twelfth(examples: Examples) -> None:
    january = '{period: 2020-01, household: {size: "40.00"}}'
    examples.check('tax: "120.00", tax_monthly: "10.00"', household='size: "99.00"', history=january)
    examples.check('tax: "30.00", tax_monthly: "2.50"', household='size: "10.00"', as_of="2020-01-01")
    before = '{period: 2019-01, household: {size: "5.00"}}'
    examples.check('tax_last_year: "10.00"', history=before)
    examples.check("tax: unknown, tax_monthly: unknown", household='size: "10.00"', as_of="2021-01-31")
    examples.check('tax: "0.00", tax_monthly: "0.00"', household='size: "10.00"', as_of="2021-01-31", missing="default")
    examples.run()


def test_a_yearly_fact_is_that_of_the_year_which_contains_the_day(examples: Examples) -> None:
    last = '{period: 2019, persons: [{id: a, prize: "24.00"}]}'
    examples.check('prize_monthly: "10.00", prize_then: "2.00"', person='prize: "120.00"', history=last)
    examples.check("prize_monthly: unknown, prize_then: unknown", person="prize: unknown")
    examples.run()


def test_a_year_of_wages_counts_back_from_the_month_of_the_run(examples: Examples) -> None:
    examples.check('year_of_wages: "1800.00"', person='wage: "700.00"', history=WAGES)
    examples.run()


def test_a_shared_year_goes_in_equal_parts_to_the_months_that_have_none(examples: Examples) -> None:
    year = '{period: 2020, persons: [{id: a, crop: "1000.00"}]}'
    examples.check('crop: "83.333333", crop_before: "83.333333", crops: "583.333331"', history=year)
    known = year + '\n{period: 2020-02, persons: [{id: a, crop: "10.00"}]}'
    examples.check('crop: "90.00", crop_before: "10.00", crops: "550.00"', history=known)
    both = 'crop: "0.00"'
    examples.check('crop: "0.00", crop_before: "10.00", crops: "505.00"', person=both, history=known)
    examples.check('crop: "7.00", crop_before: unknown', person='crop: "7.00"')
    examples.check('crop: "7.00", crop_before: "0.00"', person='crop: "7.00"', missing="default")
    examples.run()


def test_a_month_said_to_be_unknown_leaves_the_others_unknown(examples: Examples) -> None:
    year = '{period: 2020, persons: [{id: a, crop: "1000.00"}]}'
    lost = year + "\n{period: 2020-03, persons: [{id: a, crop: unknown}]}"
    examples.check('crop: "7.00", crop_before: unknown', person='crop: "7.00"', history=lost)
    examples.check("crop: unknown, crop_before: unknown", person="crop: unknown", history=year)
    examples.check("crop: unknown, crop_before: unknown", history="{period: 2020, persons: [{id: a, crop: unknown}]}")
    examples.check("crop: unknown", history=lost, missing="default")
    examples.run()


def test_a_part_that_no_month_may_have_is_not_known(examples: Examples) -> None:
    def told(year: str, february: str) -> str:
        rows = [("2020", year), ("2020-02", february)]
        return "\n".join(f'{{period: {p}, persons: [{{id: a, crop: "{v}"}}]}}' for p, v in rows)

    for missing in ("unknown", "default"):
        examples.check('crop: unknown, crop_before: "0.00"', history=told("7200.00", "0.00"), missing=missing)
        examples.check('crop: unknown, crop_before: "600.00"', history=told("-600.00", "600.00"), missing=missing)
    examples.check('crop: "600.00", crop_before: "600.00"', history=told("7200.00", "600.00"))
    examples.run()


def test_presumed_and_default_values_hold_in_every_month(examples: Examples) -> None:
    examples.check("studied: false, wage_before: unknown")
    examples.check('studied: false, wage_before: "0.00"', missing="default")
    examples.check("studied: true", history="{period: 2020-06, persons: [{id: a, studies: true}]}")
    said = "{period: 2020-06, persons: [{id: a, studies: unknown}]}"
    examples.check("studied: unknown", history=said)
    examples.check("studied: unknown", history=said, missing="default")
    examples.run()


def test_what_is_told_of_a_variables_month_replaces_it_there_alone(examples: Examples) -> None:
    told = WAGES + '\n{period: 2020-05, persons: [{id: a, half: "9.00"}]}'
    examples.check('half: "1400.00", half_before: "9.00"', person='wage: "700.00"', history=told)
    unknown = WAGES + "\n{period: 2020-05, persons: [{id: a, half: unknown}]}"
    examples.check('half: "1400.00", half_before: unknown', person='wage: "700.00"', history=unknown)
    year = '{period: 2019, household: {tax: "77.00"}}'
    examples.check('tax_last_year: "77.00"', history=year)
    examples.run()


def test_an_outcome_of_another_month_is_judged_by_its_own_law_and_facts(examples: Examples) -> None:
    rents = '{period: 2020-04, household: {rent: "40.00"}}\n{period: 2020-05, household: {rent: "100.00"}}'
    rents += '\n{period: 2020-06, household: {rent: "40.00"}}'
    expected = 'was_eligible: true, was_due: "60.00", dues: "280.00"'  # April 60, May 0 (line 100), June 160, July 60
    examples.check(expected, household='rent: "140.00"', history=rents)
    examples.check('was_eligible: unknown, was_due: "0.00"', household='rent: "140.00"')
    high = '{period: 2020-04, household: {rent: "101.00"}}'
    examples.check('was_eligible: false, was_due: "0.00"', history=high)
    examples.run()


def test_who_was_enrolled_is_seen_on_the_months_first_day(examples: Examples) -> None:
    enrolled = """
  enrolments:
    - {programme: aid, amount: "30.00", starts_on: 2020-05-01, ends_on: 2020-06-30}
    - {programme: aid, amount: "5.00", starts_on: 2020-05-02}
"""
    text = example(
        'variables: {covered: true, covered_before: true, covered_member: true, paid: "5.00", paid_before: "30.00"}'
    )
    examples.add(text.replace("  expect:", enrolled + "  expect:"))
    examples.run()


@pytest.mark.parametrize("missing", ["unknown", "default"])
def test_programmes_rest_on_other_months_alike_on_both_backends(examples: Examples, missing: str) -> None:
    said = {
        "unknown": "outcome: needs_verification, unknown: [low_mean, not_covered, rent_before], amount: null",
        "default": "outcome: not_eligible, failed: [not_covered], amount: null",
    }
    told = {"household": 'rent: "10.00"', "person": 'wage: "300.00"'}
    examples.add(example(f"later: {{{said[missing]}}}", **told), missing)
    history = WAGES + '\n{period: 2020-06, household: {rent: "10.00"}}\n{period: 2020-04, household: {rent: "500.00"}}'
    good = 'later: {outcome: eligible, amount: "1400.00", failed: [], unknown: []}'
    examples.add(example(good, history=history, **told), missing)
    examples.run()
