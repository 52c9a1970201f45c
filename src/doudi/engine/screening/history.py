"""What a household held in other months: entries `income@2020-04`, `tax@2019` beside its facts.

Of the year that a shared fact (`spread`) is given for, each month without a value of its own takes an equal part of
what the known months leave. A month said to be unknown leaves the others unknown too: nobody knows what is left.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from doudi.engine.policy.model import Fact, Scalar
from doudi.engine.policy.periods import period_of, plain_name
from doudi.engine.screening.household import UNKNOWN
from doudi.engine.screening.kleene import div
from doudi.engine.screening.ranges import amount
from doudi.engine.values import Month


def is_shared(fact: Fact) -> bool:
    """Whether months of this fact may take their part of a year."""
    return fact.spread and fact.period == "month"


def year_name(plain: str, year: int) -> str:
    """The name under which a whole year of a monthly fact stands."""
    return f"{plain}@{year:04d}"


def month_name(plain: str, month: Month, as_of: date) -> str:
    """The name of a month's own value: the plain one is that of the day of the run."""
    return plain if month == Month.of(as_of) else f"{plain}@{month}"


def month_of(name: str, as_of: date) -> Month:
    """The month of a monthly fact's name."""
    return Month.parse(period_of(name)) if period_of(name) else Month.of(as_of)


def part_of_year(fact: Fact, given: Mapping[str, Scalar], as_of: date) -> Scalar:
    """What a month without a value of its own gets; None where its year was not given, UNKNOWN where it cannot be told.

    Exact to six decimals, half away from zero. A part that no month may have (below `min`, above `max`) says that year
    and months contradict each other.
    """
    plain, month = plain_name(fact.name), month_of(fact.name, as_of)
    whole = given.get(year_name(plain, month.year))
    if whole is None:
        return None
    own = [given.get(month_name(plain, Month(month.year, n), as_of)) for n in range(1, 13)]
    if whole == UNKNOWN or UNKNOWN in own:
        return UNKNOWN
    known = [Decimal(str(v)) for v in own if v is not None]
    left = amount(Decimal(str(whole)) - sum(known))
    part = div(left, 12 - len(known), 6)
    if part is None or (fact.min is not None and part < fact.min) or (fact.max is not None and part > fact.max):
        return UNKNOWN
    return part
