"""The half of the naive interpreter that reads names and expressions: facts, figures, periods and operators."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from doudi.engine.policy.model import (
    Agg,
    Call,
    Enrolled,
    Expr,
    Lit,
    Pack,
    ParameterValue,
    Programme,
    Ref,
    Scale,
)
from doudi.engine.screening.household import Enrolment, Household, Person
from tests.generative import arithmetic, bounds
from tests.generative.arithmetic import all_of, any_of
from tests.generative.tables import Table

Subject = Household | Person
Cell = tuple[str, str]
AMOUNT = "amount"


@dataclass(frozen=True)
class Said:
    """What the law says of one subject in one programme; amount in yuan, names of conditions."""

    outcome: str
    amount: Fraction | None
    failed: frozenset[str]
    unknown: frozenset[str]


class Reading:
    """One household under one pack on one day. seen: (cell, known or unknown) → how often.

    run: what is read on the day of the run; this one reads another month or year, on its first day.
    """

    def __init__(
        self, pack: Pack, as_of: date, household: Household, seen: Counter[Cell], run: Reading | None = None
    ) -> None:
        self.pack, self.as_of, self.household, self.seen = pack, as_of, household, seen
        self.run = run or self
        self.others: dict[date, Reading] = {}
        self.is_default = pack.missing == "default"
        self.kept: dict[tuple[str, str], Any] = {}
        self.values: dict[tuple[int, str], Any] = {}  # by id of an expression, which lives as long as its pack
        self.bounds = bounds.Bounds(self)

    def count(self, cell: str, state: str = "known") -> None:
        self.seen[cell, state] += 1

    def say(self, p: Programme, s: Subject) -> Said:
        """What the law says of one subject in one programme (`reference.py`)."""
        raise NotImplementedError

    # ---- periods ---------------------------------------------------------------------------------------------------
    def on(self, day: date) -> Reading:
        """The same household read on another day, which is the first of a month or year."""
        run = self.run
        if day == run.as_of:
            return run
        if day not in run.others:
            run.others[day] = type(self)(self.pack, day, self.household, self.seen, run)
        return run.others[day]

    def in_period(self, period: str) -> Reading:
        """Where a value of a month or year is read from here: the one that contains this day."""
        today, day = self.run.as_of, self.as_of
        if period == "eternity":
            return self.run
        if period == "year":
            return self.on(today if day.year == today.year else date(day.year, 1, 1))
        return self.on(today if (day.year, day.month) == (today.year, today.month) else day.replace(day=1))

    def month(self, n: int) -> Reading | None:
        """The month n months from here; before the year 1 there is none."""
        at = self.as_of.year * 12 + self.as_of.month - 1 + n
        return self.on(date(at // 12, at % 12 + 1, 1)).in_period("month") if at >= 12 else None

    def written(self, name: str, period: str) -> str:
        """The name under which a value of this period stands among what a subject told."""
        today, day = self.run.as_of, self.as_of
        if period == "month" and (day.year, day.month) != (today.year, today.month):
            return f"{name}@{day:%Y-%m}"
        return f"{name}@{day.year:04d}" if period == "year" and day.year != today.year else name

    # ---- enrolments ------------------------------------------------------------------------------------------------
    def current(self, s: Subject) -> list[Enrolment]:
        kind = "household" if isinstance(s, Household) else "person"
        return [e for e in self.in_force() if e.subject_type == kind and e.subject_id == s.id]

    def in_force(self) -> Iterable[Enrolment]:
        return (e for e in self.household.enrolments if self.holds((e.starts_on, e.ends_on), "enrolment"))

    def enrolled(self, e: Enrolled, s: Subject) -> Any:
        decided = self.pack.programmes.get(e.programme)
        if e.type == "bool":
            owner = self.household if e.entity == "household" else s
            own = any(x.programme == e.programme for x in self.current(owner))
            covering = [x for x in self.in_force() if x.subject_type == "household" and x.programme == e.programme]
            named = any(x.persons is None or s.id in x.persons for x in covering)
            return own or (e.entity == "person" and named)
        is_household = e.entity == "household" or (decided is not None and decided.subject == "household")
        payee = self.household if is_household else s
        return paid_in([x for x in self.current(payee) if x.programme == e.programme])

    # ---- names -----------------------------------------------------------------------------------------------------
    def name(self, e: Ref, s: Subject) -> Any:
        owner = self.household if e.entity == "household" else s
        if e.kind == "parameter":
            return self.parameter(e.name, s)
        if e.kind == "fact":
            return self.fact(e.name, owner)
        if e.kind == "variable":
            return self.variable(e.name, owner)
        said = self.in_period("month").say(self.pack.programmes[e.name.rpartition(".")[0]], owner)
        if e.kind == "amount":
            return said.amount or Fraction(0)
        return None if said.outcome == "needs_verification" else said.outcome == "eligible"

    def fact(self, name: str, s: Subject) -> Any:
        if name in ("division", "role"):
            return getattr(s, name)
        declared = self.pack.facts[name]
        given = s.facts.get(self.written(name, declared.period))
        how, value = "missing", None
        if given is None and declared.spread and declared.period == "month":
            given = self.part_of_year(name, s)
        if given == "unknown":
            how = "said to be unknown"
        elif given is not None:
            how, value = "given", given
        elif declared.presumed is not None:
            how, value = "presumed", declared.presumed
        elif self.is_default:
            how = "default" if declared.default is not None else "zero"
            value = declared.default if declared.default is not None else zero(declared.type)
        self.count(f"fact {how}")
        return value

    def part_of_year(self, name: str, s: Subject) -> Any:
        """What the months known leave of the year, in equal parts for the others."""
        whole = s.facts.get(f"{name}@{self.as_of.year:04d}")
        if whole is None:
            return None
        months = [self.on(date(self.as_of.year, n, 1)).in_period("month") for n in range(1, 13)]
        told = [s.facts.get(m.written(name, "month")) for m in months]
        self.count("part of a year", "unknown" if "unknown" in (whole, *told) else "known")
        if "unknown" in (whole, *told):
            return "unknown"
        known = [Fraction(str(t)) for t in told if t is not None]
        left = Fraction(str(whole)) - sum(known)
        if arithmetic.is_too_large("number", left):
            return "unknown"
        part, fact = arithmetic.to_multiple(left / (12 - len(known)), _MICRO, "half_up"), self.pack.facts[name]
        assert part is not None
        if (fact.min is not None and part < fact.min) or (fact.max is not None and part > fact.max):
            return "unknown"  # year and months contradict each other
        return part

    def variable(self, name: str, s: Subject) -> Any:
        there = self.in_period(self.pack.variables[name].period)
        key = (name, s.id)
        if key not in there.kept:
            there.kept[key] = exact(there.computed(name, s))
        return there.kept[key]

    def computed(self, name: str, s: Subject) -> Any:
        told = self.written(name, self.pack.variables[name].period)
        given = None if name in self.pack.neutralised else s.facts.get(told)
        if given is not None:
            self.count("variable overridden", "unknown" if given == "unknown" else "known")
            return None if given == "unknown" else given
        formula = self.formula(name)
        if formula is None:
            self.count("variable without a formula")
            return zero(self.pack.variables[name].type) if self.is_default else None
        return self.value(formula, s)

    def formula(self, name: str) -> Expr | None:
        """The latest one that has begun, unless the variable has ended."""
        v = self.pack.variables[name]
        begun = [(since or date.min, expr) for since, expr in v.formulas if since is None or since <= self.as_of]
        if not self.holds((None, v.end), "variable") or not begun:
            return None
        since, expr = max(begun, key=lambda pair: pair[0])
        self.holds((since, None), "formula")
        return expr

    # ---- parameters ------------------------------------------------------------------------------------------------
    def parameter(self, name: str, s: Subject) -> Any:
        p = self.pack.parameters[name]
        place = self.of_subject("hukou_division", s) if p.by == "hukou_division" else s.division
        key = self.of_subject(p.per, s) if p.per else None
        if p.per:
            self.count("parameter per fact", "unknown" if key is None else "known")
        if p.by == "hukou_division":
            self.count("parameter by hukou_division", "unknown" if place is None else "known")
        if place is None or (p.per and key is None):
            return None  # whose figure it is is not known; a default stands for a figure that is not set
        for level in p.fallback if p.by else ("nation",):
            code = {"county": place[:6], "city": place[:4], "province": place[:2], "nation": ""}[level]
            found = self.latest(v for v in p.values if v.area == (code and code.ljust(12, "0")) and v.key == key)
            if found is not None:
                self.count(f"parameter of the {level}" + (" by area" if p.by else ""))
                return found.value
        self.count("parameter without a value")
        return zero(p.type) if self.is_default else None

    def of_subject(self, fact: str, s: Subject) -> Any:
        return self.fact(fact, s if self.pack.facts[fact].entity == "person" else self.household)

    def latest(self, values: Iterable[ParameterValue]) -> ParameterValue | None:
        begun = [v for v in values if self.holds((v.since, None), "figure")]
        last = max(begun, key=lambda v: v.since, default=None)
        if last is not None and last.value is None:
            self.count("figure ended")
        return last if last is not None and last.value is not None else None

    # ---- expressions -----------------------------------------------------------------------------------------------
    def value(self, e: Expr, s: Subject) -> Any:
        key = (id(e), s.id)
        if key not in self.values:
            found = self.values[key] = self.within(e, exact(self.found(e, s)))
            self.count(cell(e), "unknown" if found is None else "known")
        return self.values[key]

    def within(self, e: Expr, value: Any) -> Any:
        """What outgrows the numbers of the language is unknown."""
        if not arithmetic.is_too_large(e.type, value):
            return value
        self.count("a number too large")
        return None

    def part(self, e: Expr, whole: Call, s: Subject) -> Any:
        """An argument; a chain of + and - is judged at its end only, however large it is on the way."""
        if whole.op in ("+", "-") and isinstance(e, Call) and e.op in ("+", "-"):
            return exact(self.called(e, s))
        return self.value(e, s)

    def found(self, e: Expr, s: Subject) -> Any:
        if isinstance(e, Lit):
            return e.value
        if isinstance(e, Ref):
            return self.name(e, s)
        if isinstance(e, Enrolled):
            return self.enrolled(e, s)
        if isinstance(e, Agg):
            return self.members(e)
        return self.called(e, s)

    def called(self, e: Call, s: Subject) -> Any:
        if e.op == "as_of":
            return self.as_of
        if e.op == "scale":
            return self.scaled(e, s)
        if e.op in OTHER_PERIODS:
            return self.of_other_periods(e, s)
        args = [self.part(a, e, s) for a in e.args]
        match e.op, args:
            case "and", parts:
                return all_of(parts)
            case "or", parts:
                return any_of(parts)
            case "is_known", [a]:
                return a is not None
            case "if", [None, a, b]:
                return a if a is not None and a == b else None
            case "if", [when, a, b]:
                return a if when else b
            case "age_years", [born]:
                args = [born, self.as_of]
        if e.op == "workdays_between" and None not in args:
            return arithmetic.workdays(args[0], args[1], dict(self.pack.calendar.exceptions), self.count)
        if None not in args:
            return arithmetic.apply(e.op, args, self.count)
        if e.op in ("<", "<=", ">", ">=", "==", "!=") and e.args[0].type in arithmetic.NUMBERS:
            decided = self.bounds.decide(e, s)
            self.count(f"{e.op} decided by bounds", "no" if decided is None else "yes")
            return decided
        return None

    def of_other_periods(self, e: Call, s: Subject) -> Any:
        months = self.months(e, s)
        values = [None if m is None else m.value(e.args[0], s) for m in months or ()]
        if not values or None in values:
            return None
        if e.op in ("first_month", "in_month"):
            return values[0]
        total = self.within(e, sum(values, Fraction(0)))
        if total is None:
            return None
        return total if e.op == "sum_months" else arithmetic.to_multiple(total / len(values), _MICRO, "half_up")

    def months(self, e: Call, s: Subject) -> list[Reading | None] | None:
        """The months that a function reads; None where it is not known how many."""
        if e.op == "first_month":
            return [self.on(date(self.as_of.year, 1, 1)).in_period("month")]
        n = self.value(e.args[1], s)
        if e.op == "in_month":
            return [self.month(int(n))]
        return None if n is None else [self.month(-i) for i in range(int(n))]

    def scaled(self, e: Call, s: Subject) -> Any:
        table, x = self.table(e), self.value(e.args[1], s)
        if table is None:  # no bracket exists on the day
            return zero(e.type) if self.is_default else None
        self.count(f"scale {table.kind}", "unknown" if x is None else "known")
        return None if x is None else table.of(x, self.count)

    def table(self, e: Call) -> Table | None:
        """The brackets that exist on the day: both their threshold and their rate or amount have a value."""
        name = e.args[0]
        assert isinstance(name, Ref)
        scale = self.pack.parameters[name.name].scale
        assert isinstance(scale, Scale)
        pairs = [(self.latest(b.threshold), self.latest(b.amount)) for b in scale.brackets]
        rows = [(Fraction(str(t.value)), Fraction(str(a.value))) for t, a in pairs if t is not None and a is not None]
        return Table(scale.kind, rows) if rows else None

    def members(self, e: Agg) -> Any:
        rows = [
            (None if e.value is None else self.value(e.value, p), True if e.where is None else self.value(e.where, p))
            for p in self.household.persons
        ]
        if e.fn == "any":
            return any_of([all_of([v, w]) for v, w in rows])
        if e.fn == "all":
            return all_of([any_of([v, None if w is None else not w]) for v, w in rows])
        if any(w is None or (w and v is None and e.fn != "count_if") for v, w in rows):
            return None
        counted = [v for v, w in rows if w]
        if e.fn == "count_if":
            return len(counted)
        if e.fn == "sum":
            return sum(counted, Fraction(0))
        return (min if e.fn == "min" else max)(counted) if counted else None


OTHER_PERIODS = ("first_month", "in_month", "sum_months", "mean_months")
_MICRO = Fraction(1, 10**6)


def paid_in(enrolments: list[Enrolment]) -> Fraction | None:
    """What is paid now in all, where every amount is known."""
    amounts = [None if e.amount is None else Fraction(e.amount) for e in enrolments]
    total = None if None in amounts else sum((a for a in amounts if a is not None), Fraction(0))
    return None if arithmetic.is_too_large("money", total) else total


def exact(value: Any) -> Any:
    is_number = value is not None and not isinstance(value, bool | str | date)
    return Fraction(value) if is_number else value


def zero(kind: str) -> Any:
    """What stands for a missing value under `missing: default`; a text, date, place or choice stays unknown."""
    return {"bool": False, "int": 0, "money": Fraction(0), "number": Fraction(0), "rate": Fraction(0)}.get(kind)


def cell(e: Expr) -> str:
    """The row of the coverage table that a node belongs to."""
    if isinstance(e, Lit):
        return f"literal {e.type}"
    if isinstance(e, Ref):
        return f"name of a {e.kind} ({e.type})" if e.kind in ("fact", "variable", "parameter") else f"P.{e.kind}"
    if isinstance(e, Agg):
        return f"{e.fn} over members" + (" who" if e.where is not None and e.value is not None else "")
    if isinstance(e, Enrolled):
        return f"{'enrolled' if e.type == 'bool' else 'enrolled_amount'} of a {e.entity}"
    return e.op
