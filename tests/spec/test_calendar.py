"""The working days of the shipped pack are those of the package they are made from."""

from __future__ import annotations

import runpy
from datetime import date
from pathlib import Path

import pytest

from doudi.engine.policy import shipped
from doudi.engine.policy.archive import read_folder
from doudi.engine.policy.model import Calendar
from doudi.engine.screening.workdays import Workdays

PACKS = Path(__file__).parents[2] / "packs"


def test_the_calendar_is_what_its_command_makes() -> None:
    made = runpy.run_path(str(PACKS / "calendar.py"))["table"]()
    assert read_folder(shipped() / "cn")["calendar.csv"].decode() == made


@pytest.mark.slow
def test_every_day_of_the_package_is_counted_alike() -> None:
    import chinese_calendar

    rows = [line.split(",") for line in (PACKS / "cn" / "calendar.csv").read_text("utf-8").splitlines()[1:]]
    workdays = Workdays(Calendar(tuple((date.fromisoformat(day), working == "true") for day, working, _ in rows)))
    for n in range(date(2004, 1, 2).toordinal(), date(2026, 12, 31).toordinal() + 1):
        day, before = date.fromordinal(n), date.fromordinal(n - 1)
        assert workdays.until(day) - workdays.until(before) == chinese_calendar.is_workday(day), day
