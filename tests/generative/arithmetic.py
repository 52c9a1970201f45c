"""Numbers, days and places of the naive interpreter: exact fractions, every rounding and every day counted by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

NUMBERS = ("int", "number", "rate", "money")
Count = Callable[[str], None]


def all_of(parts: list[bool | None]) -> bool | None:
    if any(p is False for p in parts):
        return False
    return None if any(p is None for p in parts) else True


def any_of(parts: list[bool | None]) -> bool | None:
    if any(p is True for p in parts):
        return True
    return None if any(p is None for p in parts) else False


def apply(op: str, args: list[Any], count: Count) -> Any:
    """An operator of known arguments."""
    match op, args:
        case "not", [a]:
            return not a
        case "neg", [a]:
            return -a
        case "==", [a, b]:
            return a == b
        case "!=", [a, b]:
            return a != b
        case "<", [a, b]:
            return a < b
        case "<=", [a, b]:
            return a <= b
        case ">", [a, b]:
            return a > b
        case ">=", [a, b]:
            return a >= b
        case "in", [a, *options]:
            return any(a == o for o in options)
        case "+", [a, b]:
            return a + b
        case "-", [a, b]:
            return a - b
        case "*", [a, b]:
            return to_multiple(a * b, Fraction(1, 10**6), "half_up")
        case "min", parts:
            return min(parts)
        case "max", parts:
            return max(parts)
        case "abs", [a]:
            return abs(a)
        case "floor", [a]:
            return Fraction(a) // 1
        case "per_month", [a]:
            return to_multiple(a / 12, Fraction(1, 10**6), "half_up")
        case "div", [a, b, scale]:
            count("div by nothing" if b == 0 else "div by something")
            return None if b == 0 else to_multiple(a / b, Fraction(1, 10 ** int(scale)), "half_up")
        case "round", [a, to, mode]:
            if to > 0 and 2 * (abs(a) % to) == to:
                count(f"round {mode} at the half, {'below' if a < 0 else 'above'} 0")
            return to_multiple(a, to, mode)
    return of_days_and_places(op, args, count)


def to_multiple(a: Fraction, to: Fraction, mode: str) -> Fraction | None:
    """`half_up`: half away from zero; `up` away from zero, `down` towards it. Of no step above 0 nothing is known."""
    if to <= 0:
        return None
    steps, rest = divmod(abs(Fraction(a)), to)
    if (mode == "up" and rest > 0) or (mode == "half_up" and 2 * rest >= to):
        steps += 1
    return steps * to * (-1 if a < 0 else 1)


def is_too_large(kind: str, value: Any) -> bool:
    """A count from 10^18 on, any other number from 10^12 on."""
    return kind in NUMBERS and value is not None and abs(value) >= 10 ** (18 if kind == "int" else 12)


# ---- days and places -----------------------------------------------------------------------------------------------
def of_days_and_places(op: str, args: list[Any], count: Count) -> Any:
    match op, args:
        case "age_years", [born, on]:
            return age(born, on, count)
        case "add_months", [day, n]:
            return month_after(day, int(n), count)
        case "add_days", [day, n]:
            return day_after(day, int(n), count)
        case "days_between", [a, b]:
            return (b - a).days
        case "months_between", [a, b]:
            return 12 * (b.year - a.year) + b.month - a.month - (1 if b.day < a.day else 0)
        case "year", [day]:
            return day.year
        case "month", [day]:
            return day.month
        case "in_area", [place, area]:
            return is_inside(place, area)
        case "same_area", [a, b, level]:
            n = {"province": 2, "city": 4, "county": 6, "township": 9}[level]
            count(f"same_area {level}")
            return a[:n] == b[:n]
    raise NotImplementedError(op)


def is_inside(place: str, area: str) -> bool:
    """A code's last level with a digit other than 0 says how far it reaches; the nation holds every place."""
    reach = max((end for start, end in ((0, 2), (2, 4), (4, 6), (6, 9), (9, 12)) if int(area[start:end])), default=0)
    return place[:reach] == area[:reach]


def age(born: date, on: date, count: Count) -> int:
    """Birthdays passed; one of 29 February is passed on 1 March."""
    if (born.month, born.day) == (2, 29) and (on.month, on.day) in ((2, 28), (2, 29), (3, 1)):
        count(f"born on 29 February, aged on {on.month}-{on.day}")
    years = on.year - born.year
    birthday = (born.month, born.day)
    if birthday == (2, 29) and not _is_leap(on.year):
        birthday = (3, 1)
    return years if (on.month, on.day) >= birthday else years - 1


def month_after(day: date, n: int, count: Count) -> date | None:
    """n months on, the day kept where the month has it, else its last."""
    months = day.year * 12 + day.month - 1 + n
    year, month = months // 12, months % 12 + 1
    if not 1 <= year <= 9999:
        count("a day outside the calendar")
        return None
    last = 29 if month == 2 and _is_leap(year) else (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)[month - 1]
    if day.day > last:
        count("add_months into a shorter month")
    return date(year, month, min(day.day, last))


def day_after(day: date, n: int, count: Count) -> date | None:
    ordinal = day.toordinal() + n
    if not 1 <= ordinal <= date.max.toordinal():
        count("a day outside the calendar")
        return None
    return date.min + timedelta(ordinal - 1)


def workdays(a: date, b: date, told: dict[date, bool], count: Count) -> int:
    """After the first day up to and with the last; backwards they count below 0. Whole weeks have five each."""
    if b < a:
        return -workdays(b, a, told, count)
    weeks, rest = divmod((b - a).days, 7)
    found = 5 * weeks + sum(1 for n in range(rest) if day_number(b, -n).isoweekday() <= 5)
    changed = [day for day in told if a < day <= b and told[day] is not (day.isoweekday() <= 5)]
    if changed:
        count("workdays where the calendar differs from the week")
    return found + sum(1 if told[day] else -1 for day in changed)


def day_number(day: date, n: int) -> date:
    return date.fromordinal(day.toordinal() + n)


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
