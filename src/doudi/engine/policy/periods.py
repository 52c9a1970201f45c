"""Months and years as part of a name: `income@2020-04` is the income of one month, `tax@2019` of one year.

A plain name is the value of the period that contains the day of the run; what speaks of another period is a name of
its own, so that nothing behind the plan knows of periods at all (decision 0006).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from doudi.engine.policy.model import Period, Words
from doudi.engine.values import Month
from doudi.engine.words import Language, say

_PERIOD = re.compile(r"[12]\d{3}(-(0[1-9]|1[0-2]))?")
_OF_NAME = re.compile(r"([a-z0-9_.-]+\.\.)?\d{4}(-\d\d)?")


@dataclass(frozen=True, slots=True)
class Moment:
    """Where an expression is evaluated: `day` fixes formula, parameters and ages; it lies in the period meant."""

    day: date
    as_of: date

    @property
    def month(self) -> Month:
        return Month.of(self.day)

    @property
    def is_now(self) -> bool:
        return self.day == self.as_of

    def in_month(self, month: Month) -> Moment:
        """The same run, read in a month: on the day of the run when it lies in it, else on its first day."""
        return Moment(self.as_of if Month.of(self.as_of) == month else month.first, self.as_of)

    def in_year(self, year: int) -> Moment:
        """The same for a year."""
        return Moment(self.as_of if self.as_of.year == year else date(year, 1, 1), self.as_of)

    def named(self, name: str, period: Period | None) -> str:
        """The name of a value of this period kind at this moment; the plain name where that is the run's own."""
        if period == "month" and self.month != Month.of(self.as_of):
            return f"{name}@{self.month}"
        if period == "year" and self.day.year != self.as_of.year:
            return f"{name}@{self.day.year:04d}"
        return name


def is_period(text: str) -> bool:
    """`2020` or `2020-04`."""
    return _PERIOD.fullmatch(text) is not None


def kind_of(period: str) -> Period:
    """The kind of a period as written."""
    return "month" if "-" in period else "year"


def plain_name(name: str) -> str:
    """`income` of `income@2020-04`."""
    return name.rpartition("@")[0] if period_of(name) else name


def period_of(name: str) -> str:
    """`2020-04` of `income@2020-04`, `2019-08..2020-07` of a sum; empty for a plain name."""
    _, at, period = name.rpartition("@")
    return period if at and _OF_NAME.fullmatch(period) else ""


def is_answer(name: str) -> bool:
    """`P.eligible` or `P.amount` of another month: as little is known of it beforehand as of the run's own."""
    period = period_of(name)
    return bool(period) and ".." not in period and plain_name(name).endswith((".amount", ".eligible"))


def period_on(day: date, period: Period) -> str:
    """The period of a kind that contains a day, as written; empty for eternity."""
    return "" if period == "eternity" else f"{Month.of(day)}" if period == "month" else f"{day.year:04d}"


def day_after(period: str) -> date:
    """The first day after a month or year."""
    return Month.parse(period).plus(1).first if "-" in period else date(int(period) + 1, 1, 1)


def said_of(words: Words, period: str) -> Words:
    """A label that says of which month or year: 收入（2020年4月）."""
    return _both("periods.of", words, lambda lang: {"period": spoken(period, lang)})


def asked_of(question: Words, period: str) -> Words:
    """A question that says of which month or year: 2020年4月：工资是多少？"""
    return _both("periods.asked", question, lambda lang: {"period": spoken(period, lang)})


def sum_of(words: Words, period: str, months: Words | None) -> Words:
    """A label of a sum, period `2019-08..2020-07`; months: the label of the parameter that says over how many."""
    first, _, last = period.partition("..")
    if months is not None:
        return _both("periods.sum_by", words, lambda x: {"last": spoken(last, x), "months": getattr(months, x)})
    return _both("periods.sum", words, lambda x: {"first": spoken(first, x), "last": spoken(last, x)})


def spoken(period: str, lang: Language) -> str:
    """2020年4月."""
    year, _, month = period.partition("-")
    return say("periods.month" if month else "periods.year", lang, y=int(year), m=int(month or 0))


def _both(code: str, words: Words, fields: Callable[[Language], dict[str, str]]) -> Words:
    return Words(say(code, "zh", what=words.zh, **fields("zh")), say(code, "en", what=words.en, **fields("en")))
