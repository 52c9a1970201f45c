"""Days and places of an expression as DuckDB SQL."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable
from datetime import date

from doudi.engine.policy.model import Call, Expr, Lit
from doudi.engine.screening.sql import Sql, text
from doudi.engine.screening.workdays import WEEK, WORKING, Workdays


def age_years(e: Call, args: list[Sql]) -> Sql:
    born, on = args[0].text, args[1].text
    # By parts: born on 29 February, the year is full on 1 March, in leap years and others.
    before = f"month({on}) * 100 + day({on}) < month({born}) * 100 + day({born})"
    return Sql(f"(year({on}) - year({born}) - CASE WHEN {before} THEN 1 ELSE 0 END)", "int", 5)


def part(function: str) -> Callable[[Call, list[Sql]], Sql]:
    return lambda e, args: Sql(f"{function}({args[0].text})", "int", 4)


_MOST_DAYS, _MOST_MONTHS = 4_000_000, 130_000  # from any day they lead out of the calendar


def add_months(e: Call, args: list[Sql]) -> Sql:
    return _within_calendar(f"CAST({args[0].text} + to_months({_at_most(args[1], _MOST_MONTHS)}) AS DATE)")


def add_days(e: Call, args: list[Sql]) -> Sql:
    return _within_calendar(f"({args[0].text} + {_at_most(args[1], _MOST_DAYS)})")


def _at_most(n: Sql, most: int) -> str:
    if n.text.lstrip("-").isdigit() and abs(int(n.text)) <= most:
        return f"CAST({n.text} AS INTEGER)"
    return f"CAST(CASE WHEN abs({n.text}) <= {most} THEN {n.text} END AS INTEGER)"


def _within_calendar(day: str) -> Sql:
    """Before the year 1 and after 9999 there is no day that the law means: unknown."""
    return Sql(f"CASE WHEN {day} BETWEEN DATE '0001-01-01' AND DATE '9999-12-31' THEN {day} END", "date")


def days_between(e: Call, args: list[Sql]) -> Sql:
    return Sql(f"date_diff('day', {args[0].text}, {args[1].text})", "int", 8)


def months_between(e: Call, args: list[Sql]) -> Sql:
    a, b = args[0].text, args[1].text
    months = f"12 * (year({b}) - year({a})) + month({b}) - month({a})"
    return Sql(f"({months} - CASE WHEN day({b}) < day({a}) THEN 1 ELSE 0 END)", "int", 6)


def workdays_between(args: list[Sql], workdays: Workdays) -> Sql:
    a, b = (_workdays_until(day.text, workdays) for day in args)
    return Sql(f"({b} - {a})", "int", 7)


def _workdays_until(day: str, workdays: Workdays) -> str:
    n = f"(date_diff('day', DATE '0001-01-01', {day}) + 1)"
    of_weeks = f"{WORKING} * ({n} // {WEEK}) + least({n} % {WEEK}, {WORKING})"
    if not workdays.days:
        return f"({of_weeks})"
    first = workdays.days[0].toordinal()
    by_day = [0, *(workdays.correction(date.fromordinal(n)) for n in range(first, workdays.days[-1].toordinal() + 1))]
    place = f"greatest(0, least({n} - {first - 1}, {len(by_day) - 1})) + 1"
    return f"({of_weeks} + list_extract([{', '.join(map(str, by_day))}], {place}))"


AREA_DIGITS = {"province": 2, "city": 4, "county": 6, "township": 9, "village": 12}


def in_area(e: Call, args: list[Sql]) -> Sql:
    area = e.args[1].value if isinstance(e.args[1], Lit) else None
    return Sql(f"starts_with({args[0].text}, {text(significant(str(area)))})", "bool")


def same_area(e: Call, args: list[Sql]) -> Sql:
    level = e.args[2].value if isinstance(e.args[2], Lit) else "village"
    digits = AREA_DIGITS[str(level)]
    return Sql(f"(left({args[0].text}, {digits}) = left({args[1].text}, {digits}))", "bool")


def significant(area: str) -> str:
    """The digits of a code that say something: of a county the first six."""
    return next((area[:n] for n in (0, 2, 4, 6, 9) if not area[n:].strip("0")), area)


def age_compared(e: Call, as_of: date) -> tuple[Expr, str] | None:
    """`age_years(born) < 18` as one comparison of days: the birth date and the test written around it."""
    if e.op not in _AGE_TESTS or not isinstance(e.args[0], Call) or e.args[0].op != "age_years":
        return None
    of, years = e.args
    if not isinstance(of, Call) or not isinstance(years, Lit) or not isinstance(years.value, int):
        return None
    if len(of.args) > 1 and not (isinstance(of.args[1], Call) and of.args[1].op == "as_of"):
        return None
    sign, more = _AGE_TESTS[e.op]
    year = as_of.year - years.value - more
    if not 1 <= year <= 9999:
        return None
    # From 29 February back to a year without one: whoever was born by the 28th is that old.
    day = min(as_of.day, monthrange(year, as_of.month)[1])
    return of.args[0], f"({{}} {sign} DATE '{date(year, as_of.month, day).isoformat()}')"


_AGE_TESTS = {"<": (">", 0), ">=": ("<=", 0), "<=": (">", 1), ">": ("<=", 1)}


OPERATORS: dict[str, Callable[[Call, list[Sql]], Sql]] = {
    "age_years": age_years, "year": part("year"), "month": part("month"),
    "add_months": add_months, "add_days": add_days, "days_between": days_between, "months_between": months_between,
    "in_area": in_area, "same_area": same_area,
}  # fmt: skip
