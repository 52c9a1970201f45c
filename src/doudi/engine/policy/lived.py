"""Between which days the date in a fact can lie: what was lived lies behind the day of reading, within a lifetime."""

from __future__ import annotations

import re
from datetime import date

from doudi.engine.policy.model import Fact

# A day that is said to lie ahead (`expires_on`, `valid_to`); any other day has been lived when it is recorded.
_AHEAD = re.compile(r"(_to|_until|expires_on|ends_on|due_on)$")
LONGEST_LIFE = 130  # years: what a living person's row speaks of happened within them


def lived_between(fact: Fact, as_of: date) -> tuple[date | None, date | None]:
    """The earliest and latest day a date fact may hold when read on `as_of`; None where there is no such end."""
    if fact.type != "date" or _AHEAD.search(fact.name):
        return None, None
    return longest_ago(as_of) if fact.entity == "person" else None, as_of


def longest_ago(as_of: date) -> date:
    return as_of.replace(year=max(as_of.year - LONGEST_LIFE, 1), day=min(as_of.day, 28))
