"""The table of decision 0002, case by case."""

from __future__ import annotations

from datetime import date
from decimal import Decimal as D
from typing import Any

import pytest

from doudi.engine.screening import kleene as k


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (k.and_(True, None, False), False),
        (k.and_(True, None), None),
        (k.or_(False, None, True), True),
        (k.or_(False, None), None),
        (k.if_(None, D(2), D("2.00")), D(2)),
        (k.if_(None, D(2), D(3)), None),
        (k.any_of([(None, True), (True, None), (True, False)]), None),
        (k.all_of([(None, False), (True, True)]), True),
        (k.all_of([]), True),
        (k.sum_of([(D(1), True), (None, False)]), D(1)),
        (k.sum_of([(D(1), True), (D(0), None)]), None),
        (k.sum_of([]), 0),
        (k.min_of([(D(1), False)]), None),
        (k.count_of([(None, True), (None, None)]), None),
        (k.mul(D("0.333333"), D("0.0000015")), D("0.000000")),
        (k.mul(D("0.5"), D("0.000001")), D("0.000001")),
        (k.mul(D("-0.5"), D("0.000001")), D("-0.000001")),
        (k.mul(3, 4), 12),
        (k.div(D(2), 3, 2), D("0.67")),
        (k.div(D(-1), 8, 2), D("-0.13")),
        (k.div(D(1), 0, 2), None),
        (k.round_(D("-0.05"), D("0.1"), "half_up"), D("-0.1")),
        (k.round_(D("10.01"), D(10), "up"), 20),
        (k.round_(D("-10.01"), D(10), "up"), -20),
        (k.round_(D("19.99"), D(10), "down"), 10),
        (k.round_(D(1), D(0), "up"), None),
        (k.floor(D("-0.5")), -1),
        (k.age_years(date(2002, 7, 20), date(2020, 7, 20)), 18),
        (k.age_years(date(2002, 7, 21), date(2020, 7, 20)), 17),
        (k.add_months(date(2020, 1, 31), 1), date(2020, 2, 29)),
        (k.add_months(date(2020, 1, 31), -2), date(2019, 11, 30)),
        (k.months_between(date(2020, 1, 31), date(2020, 2, 29)), 0),
        (k.months_between(date(2020, 1, 29), date(2020, 2, 29)), 1),
        (k.days_between(date(2020, 2, 28), date(2020, 3, 1)), 2),
        (k.in_area("341503203204", "341503000000"), True),
        (k.in_area("341503203204", "341502000000"), False),
        (k.in_area("341503203204", "340000000000"), True),
        (k.same_area("341503203204", "341503003001", "county"), True),
        (k.same_area("341503203204", "341503003001", "township"), False),
        (k.in_(None, "a", "b"), None),
    ],
)  # fmt: skip
def test_each_operator_means_what_the_decision_says(found: Any, expected: Any) -> None:
    assert found == expected and type(found) in (type(expected), D)
