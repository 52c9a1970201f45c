"""Make packs/cn/calendar.csv: the days on which the week does not say whether one works.

Source: the yearly notices of the State Council's office, as the package chinesecalendar holds them. Run from the root:
`python packs/calendar.py`. A day that the notice moves is in; a holiday that falls on a weekend is not.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path

from chinese_calendar import constants

PLACE = Path(__file__).parent / "cn" / "calendar.csv"
SATURDAY = 5


def table() -> str:
    """The file's text: day, working, and for which feast."""
    feasts = {h.value: h.chinese for h in constants.Holiday}
    told = [(day, False, name) for day, name in constants.holidays.items()]
    told += [(day, True, name) for day, name in constants.workdays.items()]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("day", "working", "name"))
    for day, is_working, name in sorted(told):
        if is_working != (day.weekday() < SATURDAY):
            writer.writerow((day.isoformat(), "true" if is_working else "false", feasts.get(name, name)))
    return out.getvalue()


if __name__ == "__main__":
    PLACE.write_text(table(), "utf-8")
