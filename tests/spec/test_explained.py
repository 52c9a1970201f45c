"""The shipped law explained in plain Chinese: the sums and limits that a clerk reads of the cast."""

from __future__ import annotations

import re
from functools import lru_cache

import pytest

from doudi.engine import policy
from doudi.engine.screening import answer
from doudi.engine.screening.answers import Answer, Step
from doudi.engine.screening.example import read_example

PACK = policy.load("cn")
COUNTY = "341503000000"
CODE_NAMES = re.compile(r"half_up|applicant|\bsafe\b|\brural\b|collapsed|grade_")


@lru_cache
def explained(name: str) -> Answer:
    (raw,) = [e for e in PACK.examples if e["name"] == name]
    example = read_example(PACK, raw)
    (found,) = answer(policy.plan(PACK, example.as_of, [COUNTY]), example.household, "zh").answers
    return found


def step(a: Answer, name: str) -> Step:
    return next(s for s in a.steps if s.name == name)


MISSED = "C1 h01, the visit of 07-16 shows a family that is missed"
NOBODY = "C3 h03, the man in tekun support makes no dibao family of his own"
ABOVE = "C8 h08, before the flood 720 a head is above"


def test_the_sum_is_the_one_a_clerk_does_on_paper() -> None:
    assert step(explained(MISSED), "amount").sum == "(600.00 − 400.00) × 4 人"


@pytest.mark.parametrize(
    ("condition", "need"),
    [
        ("somebody_counts", "不少于 1 人"),
        ("income_below_standard", "人均低于 600.00 元（全家 2,400.00 元）"),
        ("savings_within_limit", "不超过 57,600.00 元"),
        ("homes_within_limit", "不超过 1 套，或 住房状况 属于 C级危房、D级危房、倒塌，且 不超过 2 套"),
        ("vehicles_within_limit", "不超过 0 辆"),
    ],
)
def test_every_limit_is_said_in_figures_with_its_unit(condition: str, need: str) -> None:
    assert step(explained(MISSED), condition).need == need


def test_where_nobody_counts_only_that_is_named_as_what_would_change_it() -> None:
    (change,) = explained(NOBODY).changes
    assert change["name"] == "somebody_counts" and "差 1 人" in change["text"]


def test_a_number_that_is_known_in_part_is_said_at_least() -> None:
    assert step(explained(ABOVE), "somebody_counts").values["counted_members"]["shown"] == "至少 4 人"


@pytest.mark.parametrize("name", [MISSED, NOBODY, ABOVE])
def test_no_code_name_is_told_to_a_clerk(name: str) -> None:
    a = explained(name)
    told = [s.text + s.need + s.sum for s in a.steps] + [c["text"] for c in a.changes]
    shown = [str(v.get("shown")) for s in a.steps for v in s.values.values()]
    assert not [text for text in told + shown if CODE_NAMES.search(text)]
