"""Every number in an explanation comes from somewhere: an input, a figure of the law, or a value that is shown too."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from itertools import combinations
from typing import Any

import pytest

from doudi.engine import policy
from doudi.engine.screening import answer
from doudi.engine.screening.example import read_example
from doudi.engine.screening.household import Household
from doudi.engine.screening.prose import Prose

PACK = policy.load("cn")
COUNTY = "341503000000"
NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
IN_PART = ("至少", "at least")


def numbers(text: str) -> set[Decimal]:
    return {Decimal(found.replace(",", "")) for found in NUMBER.findall(text)}


def held(value: Any) -> Iterator[Decimal]:
    """Every number in a value of `explain --json`, without what is text for people."""
    if isinstance(value, dict):
        for key, part in value.items():
            if key not in ("text", "shown", "label"):
                yield from held(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from held(part)
    elif isinstance(value, date):
        yield from map(Decimal, (value.year, value.month, value.day))
    elif value is not None and not isinstance(value, bool):
        yield from numbers(str(value))


def inputs(household: Household, as_of: date) -> Iterator[Decimal]:
    yield from held(as_of)
    yield from held(household.facts)
    for p in household.persons:
        yield from held([p.id, *p.facts.values()])
    yield from held([e.amount for e in household.enrolments])
    for source in PACK.sources.values():
        yield from numbers(f"{source.title} {source.number}")


def texts(found: dict[str, Any]) -> Iterator[str]:
    for step in found["steps"]:
        yield from (step["text"], step["need"], step["sum"])
    yield from (change["text"] for change in found["changes"])


def reached(text: str) -> set[Decimal]:
    """What the other numbers of a text add up or multiply to: a sum of which only some members are known."""
    found = sorted(numbers(text) - {Decimal(0)})
    sums = {sum(part, Decimal(0)) for n in (2, 3, 4) for part in combinations(found, n)}
    return sums | {a * b for a, b in combinations(found, 2)}


def untraced(raw: dict[str, Any], lang: Any) -> list[tuple[Decimal, str]]:
    example = read_example(PACK, raw)
    told = answer(policy.plan(PACK, example.as_of, [COUNTY]), example.household, lang).to_json()
    known = set(inputs(example.household, example.as_of)) | set(held([v["value"] for v in told["variables"]]))
    for found in told["answers"]:
        known |= set(held(found["amount"]))
        for step in found["steps"]:
            known |= set(held([step["values"], step["law"], step["result"]]))
    for found in told["answers"]:
        for text in texts(found):  # what is known in part is worked out in one text and read in the next
            if any(words in text for words in IN_PART):
                known |= reached(text)
    apart = {abs(a - b) for a, b in combinations(known, 2)}
    lost = []
    for found in told["answers"]:
        changes = {change["text"] for change in found["changes"]}
        for text in texts(found):
            away = apart if text in changes else set()  # how far from the line: the distance of two known values
            lost += [(n, text) for n in numbers(text) - known - away]
    return lost


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_number_in_an_explanation_is_traced(lang: str) -> None:
    lost = [(raw["name"], *found) for raw in PACK.examples for found in untraced(raw, lang)]
    assert not lost, lost[:5]


def test_the_walk_notices_a_number_from_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    money = Prose.money
    monkeypatch.setattr(Prose, "money", lambda self, value, unit=None: money(self, value + Decimal("0.07"), unit))
    assert all(untraced(raw, "en") for raw in PACK.examples[:3])
