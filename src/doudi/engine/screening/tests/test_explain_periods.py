"""An explanation says of which month a value is, asks for the month that is missing, and what it would change."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from doudi.engine.policy import load, plan
from doudi.engine.screening.answers import Answer, Answers
from doudi.engine.screening.explain import answer
from doudi.engine.screening.household import Household, Person
from doudi.engine.screening.tests.seasons import FILES, written
from doudi.engine.words import Language

pytestmark = pytest.mark.slow

HERE = "341503203204"
TOLD = {
    "wage": Decimal("300.00"), "wage@2020-06": Decimal("600.00"), "wage@2020-05": Decimal("500.00"),
    "rent": Decimal("10.00"), "rent@2020-06": Decimal("9.00"), "rent@2020-04": Decimal("500.00"),
}  # fmt: skip


@pytest.fixture(scope="module")
def law(tmp_path_factory: pytest.TempPathFactory):
    pack = load(written(tmp_path_factory.mktemp("pack"), FILES))
    return plan(pack, date(2020, 7, 20), ["341503000000"])


def answers(law, *missing: str, lang: Language = "zh") -> Answers:
    told = {n: v for n, v in TOLD.items() if n not in missing}
    member = Person("a", "head", HERE, {n: v for n, v in told.items() if n.startswith("wage")})
    own = {n: v for n, v in told.items() if n.startswith("rent")}
    return answer(law, Household("h", HERE, own, (member,)), lang, ("later",))


def said(found: Answers) -> tuple[Answer, str]:
    (later,) = found.answers
    return later, "\n".join(step.text for step in later.steps)


def test_a_value_of_another_month_is_said_with_its_month(law) -> None:
    _, text = said(answers(law))
    assert "房租（2020年6月） 9.00 元 不超过 房租 10.00 元" in text
    assert "符合“aid”（2020年4月） = 房租（2020年4月） 500.00 元 低于 线（2020年4月） 100.00 元，即 否" in text
    assert "工资（2020年5月至2020年7月合计）：a 1,400.00 元" in text
    _, text = said(answers(law, lang="en"))
    assert "rent (2020-06) 9.00 yuan is at most rent 10.00 yuan" in text


def test_every_month_of_a_sum_stands_among_the_values_of_its_step(law) -> None:
    later, _ = said(answers(law))
    (step,) = [s for s in later.steps if s.name == "wage@2020-05..2020-07"]
    assert {n: v["persons"]["a"] for n, v in step.values.items()} == {
        "wage": "300.00", "wage@2020-06": "600.00", "wage@2020-05": "500.00",
    }  # fmt: skip


def test_the_month_that_is_missing_is_asked_for_and_what_it_would_change(law) -> None:
    later, text = said(answers(law, "wage@2020-06", "rent@2020-06"))
    assert later.outcome == "needs_verification"
    assert "还不知道：工资（2020年6月）（a）" in text
    assert {s.question for s in later.steps} >= {"2020年6月：工资是多少？", "房租（2020年6月）是多少？"}
    changes = {c["name"]: c["text"] for c in later.changes}
    assert changes["rent_before"].startswith("房租（2020年6月）查明后：不超过 10.00 元则")


def test_variables_are_listed_by_their_period(law) -> None:
    found = {(v.name, v.subject, v.period): v.value for v in answers(law).variables}
    assert found["half", "a", "2020-07"] == "600.00" and found["half", "a", "2020-05"] == "500.00"
    assert found["tax", "h", "2020"] is None and ("tax", "h", "2019") in found
