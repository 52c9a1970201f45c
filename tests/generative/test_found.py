"""What random packs found, shrunk to the few lines that show it: one test for each way the three once disagreed."""

from __future__ import annotations

from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from doudi.engine.policy import load
from doudi.engine.screening.household import UNKNOWN, Enrolment, Household, Person
from tests.generative.engines import Answer, by_duckdb, by_python, by_reading, differences, without_variables
from tests.generative.packs import Draft

AS_OF, HERE = date(2020, 7, 20), "341503203204"
FACTS = {
    "person": {
        "wage": {"type": "money", "min": "0"}, "born": {"type": "date"}, "ill": {"type": "bool"},
        "hours": {"type": "int", "min": 0}, "share": {"type": "rate"},
    },
    "household": {
        "savings": {"type": "money"}, "crop": {"type": "money", "spread": True},
        "kind": {"type": "enum", "values": ["a", "b"]}, "papers_until": {"type": "date"},
        "days": {"type": "int", "period": "eternity"}, "hukou_division": {"type": "area"},
    },
}  # fmt: skip

pytestmark = pytest.mark.slow


def decided(
    folder: Path,
    *,
    condition: str = "true",
    household: dict[str, Any] | None = None,
    person: dict[str, Any] | None = None,
    enrolments: tuple[Enrolment, ...] = (),
    head: dict[str, Any] | None = None,
    parameters: dict[str, Any] | None = None,
    variables: dict[str, Any] | None = None,
    **programme: Any,
) -> Answer:
    """What all three say of one household of one person under a law of one programme, `try`."""
    spec = {"programme": "try", "subject": "household", "period": "month"} | programme
    spec["conditions"] = [{"name": "c", "bit": 0, "expr": condition}]
    pack = {"pack": "found", "edition": "1", "language": "doudi-pack/1", "roles": ["head"], "other_programmes": ["it"]}
    files = {
        "pack.yaml": pack | (head or {}), "facts.yaml": FACTS, "parameters.yaml": parameters or {},
        "variables.yaml": variables or {}, "programmes/try/programme.yaml": spec,
    }  # fmt: skip
    law = load(Draft(AS_OF, {n: f for n, f in files.items() if f}).write(folder / "pack"))
    people = [Household("h", HERE, household or {}, (Person("p", "head", HERE, person or {}),), enrolments)]
    read = by_reading(law, AS_OF, people, Counter())
    planned, everybody = by_duckdb(law, AS_OF, people, folder / "run")
    assert differences(read, by_python(planned, people)) == []
    assert differences(without_variables(read), everybody) == []
    return read["try", "h" if spec["subject"] == "household" else "p"]  # type: ignore[no-any-return]


def test_a_programme_without_amount_and_applies_when_can_be_read_by_others(tmp_path: Path) -> None:
    read = {"entity": "household", "type": "bool", "expr": "try.eligible"}
    assert decided(tmp_path, variables={"is_helped": read}).outcome == "eligible"


def test_products_of_long_numbers_do_not_stop_the_run(tmp_path: Path) -> None:
    said = decided(tmp_path, condition="any(share * share > 1)", person={"share": Decimal("12345.678901")})
    assert said.outcome == "eligible"


@pytest.mark.parametrize("call", ["add_months(papers_until, days)", "add_days(papers_until, days)"])
def test_a_day_outside_the_calendar_is_unknown(call: str, tmp_path: Path) -> None:
    facts = {"papers_until": date(9999, 12, 31), "days": 40}
    assert decided(tmp_path / "a", condition=f"{call} > as_of()", household=facts).unknown == {"c"}
    facts = {"papers_until": date(2020, 1, 1), "days": -(10**14)}
    assert decided(tmp_path / "b", condition=f"{call} > as_of()", household=facts).unknown == {"c"}


def test_an_amount_beyond_twelve_digits_is_unknown(tmp_path: Path) -> None:
    said = decided(tmp_path, amount={"expr": "savings + savings"}, household={"savings": Decimal("999999999999.99")})
    assert (said.outcome, said.unknown) == ("needs_verification", {"amount"})


@pytest.mark.parametrize("spec", [{"per": "kind"}, {"by": "hukou_division"}])
def test_a_figure_of_an_unknown_class_or_place_is_unknown_even_where_missing_is_default(
    spec: dict[str, str], tmp_path: Path
) -> None:
    value: Any = {"a": "1.00", "b": "2.00"} if "per" in spec else "1.00"
    limit = {"type": "money", "values": {date(2020, 1, 1): {"value": value}}} | spec
    said = decided(tmp_path, condition="savings <= limit", parameters={"limit": limit}, head={"missing": "default"},
                   household={"savings": Decimal(1), "kind": UNKNOWN, "hukou_division": UNKNOWN})  # fmt: skip
    assert said.unknown == {"c"}


def test_a_bound_knows_what_bounds_decide_inside_it(tmp_path: Path) -> None:
    """The wage is at least 0, so 5 is paid; with that, no less than 5 is left."""
    said = decided(tmp_path, condition="any(if(wage > money('-1.00'), 5, 0) + hours >= 5)")
    assert said.outcome == "eligible"


@pytest.mark.parametrize("call", ["(hours + share)", "max(hours, share)", "min(share, hours + share)"])
def test_a_whole_number_beside_another_number_gives_a_number(call: str, tmp_path: Path) -> None:
    facts = {"hours": 1, "share": Decimal("0.4")}
    amount = {"expr": f"money('10.00') * {call}"}
    said = decided(tmp_path, subject="person", condition=f"{call} * 10 != 3", amount=amount, person=facts)
    assert said.outcome == "eligible"


def test_a_members_next_day_may_hang_on_a_fact_of_the_household(tmp_path: Path) -> None:
    day = {"type": "date", "by": "hukou_division", "values": {date(2020, 1, 1): {"value": date(2020, 8, 1)}}}
    said = decided(tmp_path, condition="any(max(born, last_day) > as_of())", parameters={"last_day": day},
                   household={"hukou_division": HERE}, person={"born": date(2004, 2, 29)})  # fmt: skip
    assert said.outcome == "eligible"


def test_a_twelfth_of_a_count_too_large_for_a_number_is_unknown(tmp_path: Path) -> None:
    told = {"crowd": {"entity": "household", "type": "int", "period": "year", "expr": "9 * days"}}
    said = decided(tmp_path, condition="per_month(crowd) < 1", variables=told, household={"days": 10**15 - 1})
    assert said.unknown == {"c"}


def test_whole_yuan_below_the_least_amount_are_unknown(tmp_path: Path) -> None:
    said = decided(tmp_path, condition="floor(savings) < 0", household={"savings": Decimal("-999999999999.99")})
    assert said.unknown == {"c"}


def test_a_year_whose_rest_outgrows_all_amounts_tells_nothing_of_its_months(tmp_path: Path) -> None:
    told = {"crop@2020": Decimal(0), "crop@2020-05": Decimal("999999999999.99"), "crop@2020-04": Decimal("1.00")}
    said = decided(tmp_path, condition="in_month(crop, -1) < 0", household=told)
    assert said.unknown == {"c"}
