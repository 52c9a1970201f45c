"""What is given once: how long it bars the next time (`once_per`), from the day it was granted.

`event` bars nothing by itself: an enrolment of an event says by its own days how long it holds.
"""

from __future__ import annotations

from datetime import date

from doudi.engine.policy.model import PlannedProgramme
from doudi.engine.screening import kleene
from doudi.engine.screening.household import Enrolment

MONTHS = {"months": 1, "years": 12}


def length_of(p: PlannedProgramme) -> tuple[int, str] | None:
    """(12, months), (1, life); None where nothing is barred."""
    if p.once_per is None or p.once_per == "event":
        return None
    n, _, unit = p.once_per.rpartition(" ")
    return int(n or 1), unit


def bars(p: PlannedProgramme, e: Enrolment, on: date) -> bool:
    """Whether a grant, whatever became of it, bars another one on a day."""
    length = length_of(p)
    if length is None or e.programme != p.name or e.starts_on is None or e.starts_on > on:
        return False
    n, unit = length
    if unit == "life":
        return True
    days = unit == "days"
    end = kleene.add_days(e.starts_on, n) if days else kleene.add_months(e.starts_on, n * MONTHS[unit])
    return end is None or end > on


def barred_sql(p: PlannedProgramme, on: date) -> tuple[str, str] | None:
    """SQL on a row of enrolments: whether it bars, and the first day on which it no longer does."""
    length = length_of(p)
    if length is None:
        return None
    n, unit = length
    day = f"DATE '{on.isoformat()}'"
    if unit == "life":
        return f"starts_on <= {day}", "NULL::DATE"
    end = f"starts_on + {n}" if unit == "days" else f"CAST(starts_on + to_months({n * MONTHS[unit]}) AS DATE)"
    return f"(starts_on <= {day} AND {end} > {day})", end
