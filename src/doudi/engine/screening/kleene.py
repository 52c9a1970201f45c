"""Three-valued arithmetic: what each operator of the language does with values of which some are unknown (None).

Functions of the generated Python, one per operator, named after it; the table of decision 0002 in code. Numbers are
int or Decimal, never float.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable
from datetime import MAXYEAR, MINYEAR, date, timedelta
from decimal import ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_UP, ROUND_UP, Context, Decimal
from typing import Any

from doudi.engine.screening.ranges import amount
from doudi.engine.screening.workdays import Workdays

# Wider than any product of two stored numbers, so that only the rounding we name ever happens.
_WIDE = Context(prec=76, rounding=ROUND_HALF_UP)
_MICRO = Decimal("0.000001")
FEN = Decimal("0.01")
_MODES = {"half_up": ROUND_HALF_UP, "up": ROUND_UP, "down": ROUND_DOWN}

Pairs = Iterable[tuple[Any, bool | None]]


# ---- truth ---------------------------------------------------------------------------------------------------------
def and_(*parts: bool | None) -> bool | None:
    if False in parts:
        return False
    return None if None in parts else True


def or_(*parts: bool | None) -> bool | None:
    if True in parts:
        return True
    return None if None in parts else False


def not_(a: bool | None) -> bool | None:
    return None if a is None else not a


def if_(when: bool | None, a: Any, b: Any) -> Any:
    if when is None:
        return a if a == b else None
    return a if when else b


def known_or(*values: Any) -> Any:
    for value in values:
        if value is not None:
            return value
    return None


def is_known(a: Any) -> bool:
    return a is not None


# ---- comparison ----------------------------------------------------------------------------------------------------
def eq(a: Any, b: Any) -> bool | None:
    return None if a is None or b is None else a == b


def ne(a: Any, b: Any) -> bool | None:
    return None if a is None or b is None else a != b


def lt(a: Any, b: Any) -> bool | None:
    return None if a is None or b is None else a < b


def le(a: Any, b: Any) -> bool | None:
    return None if a is None or b is None else a <= b


def gt(a: Any, b: Any) -> bool | None:
    return None if a is None or b is None else a > b


def ge(a: Any, b: Any) -> bool | None:
    return None if a is None or b is None else a >= b


def in_(a: Any, *values: Any) -> bool | None:
    return None if a is None else a in values


# ---- arithmetic ----------------------------------------------------------------------------------------------------
def add(*parts: Any) -> Any:
    return None if None in parts else sum(parts)


def sub(a: Any, *parts: Any) -> Any:
    return None if a is None or None in parts else a - sum(parts)


def neg(a: Any) -> Any:
    return None if a is None else -a


def mul(a: Any, *factors: Any) -> Any:
    for factor in factors:
        a = None if a is None or factor is None else _product(a, factor)
    return a


def _product(a: int | Decimal, b: int | Decimal) -> int | Decimal:
    if isinstance(a, int) and isinstance(b, int):
        return a * b
    return _to_micro(_WIDE.multiply(Decimal(a), Decimal(b)))


def _to_micro(value: Decimal) -> Decimal:
    return _WIDE.quantize(value, _MICRO) if value.as_tuple().exponent < -6 else value  # type: ignore[operator]


def div(a: Any, b: Any, scale: int | None) -> Decimal | None:
    if a is None or not b or scale is None:
        return None
    # Exact at the half: the quotient is cut, not rounded, before the one rounding that counts.
    cut = Context(prec=76, rounding=ROUND_DOWN)
    return _WIDE.quantize(cut.divide(Decimal(a), Decimal(b)), Decimal(1).scaleb(-scale))


def per_month(a: Any) -> Decimal | None:
    return div(a, 12, 6)


def scale(x: Any, kind: str, *steps: Any) -> Any:
    """steps: threshold, rate or amount, threshold, … ascending. Slices are exact, their sum is rounded once."""
    if x is None:
        return None
    brackets = list(zip(steps[::2], steps[1::2], strict=True))
    if kind == "single_amount":
        return next((amount for threshold, amount in reversed(brackets) if x >= threshold), 0)
    if kind == "marginal_amount":
        return sum(amount for threshold, amount in brackets if x > threshold)
    ends = [*steps[2::2], None]
    total = Decimal(0)
    for (threshold, rate), end in zip(brackets, ends, strict=True):
        if x > threshold:
            part = amount(x - threshold) if end is None or x < end else end - threshold
            if part is None:
                return None
            total = _WIDE.add(total, _WIDE.multiply(Decimal(part), rate))
    return _to_micro(total)


def round_(a: Any, to: Any, mode: str | None) -> Any:
    """To a multiple of `to`; unknown when `to` is not above 0."""
    if a is None or to is None or mode not in _MODES or to <= 0:
        return None
    cut = Context(prec=76, rounding=ROUND_DOWN)
    return Decimal(cut.divide(Decimal(a), Decimal(to))).quantize(Decimal(1), _MODES[mode], _WIDE) * to


def floor(a: Any) -> int | None:
    return None if a is None else int(Decimal(a).to_integral_value(ROUND_FLOOR))


def abs_(a: Any) -> Any:
    return None if a is None else abs(a)


def least(*parts: Any) -> Any:
    return None if None in parts else min(parts)


def greatest(*parts: Any) -> Any:
    return None if None in parts else max(parts)


# ---- members -------------------------------------------------------------------------------------------------------
def any_of(pairs: Pairs) -> bool | None:
    return or_(*(and_(value, where) for value, where in pairs))


def all_of(pairs: Pairs) -> bool | None:
    return and_(*(or_(value, not_(where)) for value, where in pairs))


def count_of(pairs: Pairs) -> int | None:
    n = 0
    for _, where in pairs:
        if where is None:
            return None
        n += where
    return n


def sum_of(pairs: Pairs) -> Any:
    values = counted(pairs)
    return None if values is None else sum(values)


def min_of(pairs: Pairs) -> Any:
    return min(counted(pairs) or (), default=None)


def max_of(pairs: Pairs) -> Any:
    return max(counted(pairs) or (), default=None)


def counted(pairs: Pairs) -> list[Any] | None:
    """Values of the members who count; None when a value or who counts is unknown."""
    values = []
    for value, where in pairs:
        if where is None or (where and value is None):
            return None
        if where:
            values.append(value)
    return values


# ---- days and places -----------------------------------------------------------------------------------------------
def age_years(born: date | None, on: date | None) -> int | None:
    if born is None or on is None:
        return None
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def add_months(day: date | None, months: int | None) -> date | None:
    if day is None or months is None:
        return None
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not MINYEAR <= year <= MAXYEAR:
        return None
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def add_days(day: date | None, days: int | None) -> date | None:
    if day is None or days is None or not 1 <= day.toordinal() + days <= date.max.toordinal():
        return None
    return day + timedelta(days)


def days_between(a: date | None, b: date | None) -> int | None:
    return None if a is None or b is None else (b - a).days


def months_between(a: date | None, b: date | None) -> int | None:
    if a is None or b is None:
        return None
    return (b.year - a.year) * 12 + b.month - a.month - (b.day < a.day)


def workdays_between(a: date | None, b: date | None, workdays: Workdays) -> int | None:
    return None if a is None or b is None else workdays.until(b) - workdays.until(a)


def year(day: date | None) -> int | None:
    return None if day is None else day.year


def month(day: date | None) -> int | None:
    return None if day is None else day.month


_WIDTHS = {"province": 2, "city": 4, "county": 6, "township": 9}


def in_area(code: str | None, area: str | None) -> bool | None:
    return None if code is None or area is None else code.startswith(_prefix(area))


def same_area(a: str | None, b: str | None, level: str) -> bool | None:
    width = _WIDTHS[level]
    return None if a is None or b is None else a[:width] == b[:width]


def _prefix(area: str) -> str:
    """The digits that say something: of county 341503000000 the first six."""
    for width in (0, 2, 4, 6, 9):
        if not area[width:].strip("0"):
            return area[:width]
    return area
