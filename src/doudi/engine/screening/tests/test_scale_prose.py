"""Which bracket of a scale a value stands in, in words, with the document of each figure."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from doudi.engine.policy import load, plan
from doudi.engine.screening.answers import Answers
from doudi.engine.screening.explain import answer
from doudi.engine.screening.household import Household, Person
from doudi.engine.screening.tests.plans import HERE
from doudi.engine.words import Language

PACK = load(Path(__file__).parent / "packs" / "scales")


def explained(lang: Language, **facts: object) -> Answers:
    person = Person("a", "head", HERE, facts)  # type: ignore[arg-type]
    return answer(plan(PACK, date(2020, 7, 1)), Household("h", HERE, {}, (person,)), lang)


def told(lang: Language, name: str, **facts: object) -> str:
    found = explained(lang, **facts)
    return next(s.text for s in found.answers[0].steps if s.name == name)


@pytest.mark.parametrize(
    "lang, name, facts, how",
    [
        ("zh", "taxed", {"wage": Decimal("2500.55")},
         "工资 2,500.55 元按“税率表”分档（到第 2 档，超过 2,000.00 元 的部分适用该档："
         "1,000.00 元 × 10% + 500.55 元 × 20%）"),
        ("en", "taxed", {"wage": Decimal("2500.55")},
         "up to bracket 2, which counts what is above 2,000.00 yuan: 1,000.00 yuan × 10% + 500.55 yuan × 20%"),
        ("en", "taxed", {"wage": Decimal("1000.00")}, "below the first bracket of 1,000.00 yuan: 0"),
        ("en", "lunch", {"age": 12}, "bracket 2, from 12 on: 3.00 yuan"),
        ("en", "lunch", {"age": 5}, "below the first bracket of 6: 0"),
        ("en", "fare", {"age": 19}, "above 18, up to bracket 2 added up: 1.50 yuan + 2.00 yuan"),
        ("en", "taxed", {}, "by the scale “tax”"),
    ],
)  # fmt: skip
def test_the_bracket_is_named(lang: Language, name: str, facts: dict[str, object], how: str) -> None:
    assert how in told(lang, name, **facts)


def test_every_figure_of_a_scale_has_its_day_and_document() -> None:
    found = explained("en", wage=Decimal("2500.55"), age=18)
    step = next(s for s in found.answers[0].steps if s.name == "taxed")
    tax = step.values["tax"]
    assert (tax["scale"], [b["value"] for b in tax["brackets"]]) == ("marginal_rate", ["0.1", "0.2"])
    assert tax["brackets"][0]["article"] == "3" and tax["brackets"][1]["since"] == "2020-06-01"


def test_what_is_missing_behind_a_scale_is_its_value_not_the_scale() -> None:
    unknown = next(s for s in explained("en", age=18).answers[0].steps if s.name == "c1")
    assert (unknown.result, unknown.question) == ("unknown", "What is wage?")
    assert "Not known yet: wage (a)." in unknown.text


def test_a_scale_without_a_bracket_on_the_day_asks_the_county() -> None:
    early = replace(plan(PACK, date(2019, 1, 1)))
    found = answer(early, Household("h", HERE, {}, (Person("a", "head", HERE, {"wage": Decimal(9)}),)), "en")
    step = next(s for s in found.answers[0].steps if s.name == "c1")
    assert step.result == "unknown" and "tax" in step.text
