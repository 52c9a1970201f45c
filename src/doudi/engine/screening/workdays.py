"""Working days: the week, corrected by the days on which a pack's calendar says otherwise.

A count is the difference of two running totals, so `workdays_between(a, b)` is, like `days_between`, what comes after
`a` up to and with `b`, and negative when `b` comes first. Beyond the calendar the week alone counts.
"""

from __future__ import annotations

from bisect import bisect_right
from datetime import date
from functools import lru_cache
from itertools import accumulate

from doudi.engine.policy.model import Calendar

WEEK, WORKING = 7, 5


class Workdays:
    """Running totals of working days since the first Monday of the calendar (1 January of the year 1)."""

    def __init__(self, calendar: Calendar) -> None:
        changes = [(day, is_working - (day.weekday() < WORKING)) for day, is_working in calendar.exceptions]
        self.days = [day for day, change in changes if change]
        self.corrections = [0, *accumulate(change for _, change in changes if change)]

    def until(self, day: date) -> int:
        """Working days up to and with a day."""
        weeks, rest = divmod(day.toordinal(), WEEK)
        return WORKING * weeks + min(rest, WORKING) + self.correction(day)

    def correction(self, day: date) -> int:
        """What the calendar adds to the week's count up to a day."""
        return self.corrections[bisect_right(self.days, day)]


@lru_cache(maxsize=32)
def workdays_of(calendar: Calendar) -> Workdays:
    """Made once for each calendar."""
    return Workdays(calendar)
