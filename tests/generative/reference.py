"""The naive interpreter: the language page read aloud, slow and without a second thought.

For tests only, and sharing no code with the two backends: numbers are fractions, names are looked up by recursion,
and nothing is decided by bounds. What is unknown here may be decided by a backend only if every completion of the
unknown facts decides it the same way.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from doudi.engine.policy.model import Agg, Call, Enrolled, Expr, Lit, Plan, PlannedExclusion, PlannedProgramme, Ref
from doudi.engine.screening.household import Enrolment, Household, Person

Subject = Household | Person


@dataclass(frozen=True)
class Said:
    """What the reference says of one subject in one programme; amount in yuan."""

    outcome: str
    amount: Fraction | None
    applies: bool | None
    conditions: dict[str, bool | None]
    state: str

    def named(self, value: bool | None) -> set[str]:
        return {n for n, met in self.conditions.items() if met is value}


def round_away(x: Fraction, decimals: int) -> Fraction:
    """To so many decimals, half away from zero."""
    scaled = abs(x) * 10**decimals
    whole = (2 * scaled + 1) // 2
    return Fraction(int(whole), 10**decimals) * (-1 if x < 0 else 1)


def all_of(parts: list[bool | None]) -> bool | None:
    if any(p is False for p in parts):
        return False
    return None if any(p is None for p in parts) else True


def any_of(parts: list[bool | None]) -> bool | None:
    if any(p is True for p in parts):
        return True
    return None if any(p is None for p in parts) else False


class Reference:
    """One household under one plan."""

    def __init__(self, plan: Plan, household: Household) -> None:
        self.plan, self.household = plan, household
        self.zero_for_missing = plan.pack.missing == "default"

    # ---- programmes ------------------------------------------------------------------------------------------------
    def say(self, p: PlannedProgramme, s: Subject) -> Said:
        conditions = {c.name: self.value(c.expr, s) for c in p.conditions}
        applies = True if p.applies_when is None else self.value(p.applies_when, s)
        outcome, amount = self.judge(p, s, applies, conditions)
        return Said(outcome, amount, applies, conditions, self.state(p, s, outcome, amount))

    def decided(self, p: PlannedProgramme, s: Subject) -> tuple[str, Fraction | None]:
        applies = True if p.applies_when is None else self.value(p.applies_when, s)
        return self.judge(p, s, applies, {c.name: self.value(c.expr, s) for c in p.conditions})

    def judge(
        self, p: PlannedProgramme, s: Subject, applies: bool | None, conditions: dict[str, bool | None]
    ) -> tuple[str, Fraction | None]:
        if not p.in_force or applies is False:
            return "not_applicable", None
        if any(met is False for met in conditions.values()):
            return "not_eligible", None
        if any(met is None for met in conditions.values()):
            return "needs_verification", None
        if p.amount is None:
            return "eligible", None
        due = self.value(p.amount, s)
        return ("needs_verification", None) if due is None else ("eligible", round_away(Fraction(due), 2))

    def state(self, p: PlannedProgramme, s: Subject, outcome: str, amount: Fraction | None) -> str:
        mine = [e for e in self.current(s) if e.programme == p.name]
        if mine and p.in_force:
            if outcome == "needs_verification":
                return "covered_to_verify"
            if outcome != "eligible":
                return "covered_not_eligible"
            paid = None if any(e.amount is None for e in mine) else sum(Fraction(e.amount) for e in mine)
            tolerance = Fraction(self.value(p.tolerance, s) or 0) if p.tolerance is not None else Fraction(0)
            wrong = paid is not None and amount is not None and abs(paid - amount) > tolerance
            return "covered_wrong_amount" if wrong else "covered"
        if outcome in ("not_applicable", "not_eligible"):
            return outcome
        if self.had(p, s):
            return "covered"
        if any(self.gives_way(p, s, x, amount) for x in p.excludes):
            return "covered_elsewhere"
        if outcome == "eligible":
            return "missed"
        asked = True if p.ask_when is None else self.value(p.ask_when, s) is True
        return "to_verify" if asked else "unknown_no_sign"

    def had(self, p: PlannedProgramme, s: Subject) -> bool:
        """Given before, and not again within a while from the day it was granted."""
        if p.once_per is None or p.once_per == "event":
            return False
        kind = "household" if isinstance(s, Household) else "person"
        mine = [e for e in self.household.enrolments if e.subject_type == kind and e.subject_id == s.id]
        for day in (e.starts_on for e in mine if e.programme == p.name):
            if day is not None and day <= self.plan.as_of and (p.once_per == "life" or self.still(p.once_per, day)):
                return True
        return False

    def still(self, length: str, since: date) -> bool:
        n, unit = length.split()
        months = {"months": 1, "years": 12}.get(unit, 0)
        end = self.months_on(since, int(n) * months) if months else self.day(since.toordinal() + int(n))
        return end is None or end > self.plan.as_of

    def gives_way(self, p: PlannedProgramme, s: Subject, x: PlannedExclusion, mine: Fraction | None) -> bool:
        """Whether the other programme has the subject: `higher` is a matter of both, whoever says it."""
        other = self.plan.programmes.get(x.programme)
        if other is not None and other.subject != p.subject:
            return False
        paid = [e.amount for e in self.current(s) if e.programme == x.programme]
        outcome, due = self.decided(other, s) if other is not None else ("", None)
        is_due = outcome == "eligible"
        if x.mode == "instead":
            return is_due or bool(paid)
        theirs = due if is_due else None if not paid or None in paid else sum(map(Fraction, paid))
        if mine is None or theirs is None:
            return False
        if x.mode == "difference":
            return mine == 0 < theirs
        wins_ties = bool(paid) or x.programme < p.name
        return x.mode == "higher" and (theirs > mine or (theirs == mine and wins_ties))

    def current(self, s: Subject) -> list[Enrolment]:
        kind = "household" if isinstance(s, Household) else "person"
        return [e for e in self.in_force() if e.subject_type == kind and e.subject_id == s.id]

    def in_force(self) -> list[Enrolment]:
        on = self.plan.as_of
        return [
            e
            for e in self.household.enrolments
            if not (e.starts_on and e.starts_on > on) and not (e.ends_on and e.ends_on < on)
        ]

    # ---- names -----------------------------------------------------------------------------------------------------
    def fact(self, name: str, s: Subject) -> Any:
        if name == "division":
            return s.division
        if name == "role":
            return s.role
        declared, given = self.plan.facts[name], s.facts.get(name)
        if given == "unknown":
            return None
        for value in (given, declared.presumed, *((declared.default,) if self.zero_for_missing else ())):
            if value is not None:
                return value
        return self.zero(declared.type) if self.zero_for_missing else None

    def zero(self, kind: str) -> Any:
        return {"bool": False, "int": 0, "money": Fraction(0), "number": Fraction(0), "rate": Fraction(0)}.get(kind)

    def variable(self, name: str, s: Subject) -> Any:
        given = None if name in self.plan.pack.neutralised else s.facts.get(name)
        if given is not None:
            return None if given == "unknown" else given
        definition = self.plan.definitions[name]
        if definition.expr == Lit(None, definition.type) and self.zero_for_missing:
            return self.zero(definition.type)
        return self.value(definition.expr, s)

    def parameter(self, name: str, s: Subject) -> Any:
        declared = self.plan.parameters[name]
        place = s.division if declared.by != "hukou_division" else self.read("hukou_division", s)
        key = self.read(declared.per, s) if declared.per else None
        if place is None:
            return None
        values = self.plan.area_values.get(place[:6], self.plan.area_values[""])
        found = values.get((name, key))
        if found is None:
            return self.zero(declared.type) if self.zero_for_missing else None
        return found.value

    def read(self, fact: str, s: Subject) -> Any:
        return self.fact(fact, s if self.plan.facts[fact].entity == "person" else self.household)

    def name(self, e: Ref, s: Subject) -> Any:
        owner = self.household if e.entity == "household" else s
        if e.kind == "parameter":
            return self.parameter(e.name, s)
        if e.kind == "fact":
            return self.fact(e.name, owner)
        if e.kind == "variable":
            return self.variable(e.name, owner)
        said = self.say(self.plan.programmes[e.name.rpartition(".")[0]], owner)
        if e.kind == "amount":
            return said.amount or Fraction(0)
        return None if said.outcome == "needs_verification" else said.outcome == "eligible"

    def enrolled(self, e: Enrolled, s: Subject) -> Any:
        decided = self.plan.programmes.get(e.programme)
        of_household = e.entity == "household" or (decided is not None and decided.subject == "household")
        if e.type == "bool":
            owner = self.household if e.entity == "household" else s
            own = any(x.programme == e.programme for x in self.current(owner))
            covering = [x for x in self.in_force() if x.subject_type == "household" and x.programme == e.programme]
            named = any(x.persons is None or s.id in x.persons for x in covering)
            return own or (e.entity == "person" and named)
        amounts = [x.amount for x in self.current(self.household if of_household else s) if x.programme == e.programme]
        return None if None in amounts else sum(map(Fraction, amounts), Fraction(0))

    # ---- expressions -----------------------------------------------------------------------------------------------
    def value(self, e: Expr, s: Subject) -> Any:
        found = self._value(e, s)
        is_number = not isinstance(found, bool | str | date | None)
        return Fraction(found) if is_number else found

    def _value(self, e: Expr, s: Subject) -> Any:
        if isinstance(e, Lit):
            return e.value
        if isinstance(e, Ref):
            return self.name(e, s)
        if isinstance(e, Enrolled):
            return self.enrolled(e, s)
        if isinstance(e, Agg):
            return self.members(e)
        if e.op == "as_of":
            return self.plan.as_of
        if e.op == "scale":
            return self.scale(e.args[0], self.value(e.args[1], s), e.type)
        args = [self.value(a, s) for a in e.args]
        if e.op == "and":
            return all_of(args)
        if e.op == "or":
            return any_of(args)
        if e.op == "is_known":
            return args[0] is not None
        if e.op == "if":
            return self.choose(*args)
        return None if None in args else self.apply(e, args)

    def choose(self, when: bool | None, a: Any, b: Any) -> Any:
        if when is None:
            return a if a is not None and a == b else None
        return a if when else b

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

    def apply(self, e: Call, args: list[Any]) -> Any:
        match e.op, args:
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
                return a in options
            case "+", parts:
                return sum(parts)
            case "-", [a, b]:
                return a - b
            case "*", [a, b]:
                return round_away(Fraction(a) * Fraction(b), 6)
            case "min", parts:
                return min(parts)
            case "max", parts:
                return max(parts)
            case "abs", [a]:
                return abs(a)
            case "floor", [a]:
                return Fraction(a) // 1
            case "div", [a, b, scale]:
                return None if b == 0 else round_away(Fraction(a) / Fraction(b), int(scale))
            case "round", [a, to, mode]:
                return self.round(Fraction(a), Fraction(to), mode)
            case "age_years", [born, *on]:
                return self.age(born, on[0] if on else self.plan.as_of)
            case "days_between", [a, b]:
                return (b - a).days
            case "workdays_between", [a, b]:
                return self.workdays(a, b)
            case "months_between", [a, b]:
                return 12 * (b.year - a.year) + b.month - a.month - (b.day < a.day)
            case "add_days", [day, n]:
                return self.day(day.toordinal() + int(n))
            case "add_months", [day, n]:
                return self.months_on(day, int(n))
            case "year", [day]:
                return day.year
            case "month", [day]:
                return day.month
            case "in_area", [place, area]:
                return place[: _said(area)] == area[: _said(area)]
            case "same_area", [a, b, level]:
                digits = {"province": 2, "city": 4, "county": 6, "township": 9}[level]
                return a[:digits] == b[:digits]
        raise NotImplementedError(e.op)

    def round(self, a: Fraction, to: Fraction, mode: str) -> Fraction | None:
        if to <= 0:
            return None
        steps = abs(a) / to
        whole = {"half_up": (2 * steps + 1) // 2, "up": -(-steps // 1), "down": steps // 1}[mode]
        return whole * to * (-1 if a < 0 else 1)

    def scale(self, name: Ref, x: Any, kind: str) -> Any:
        """Bracket by bracket, as section 5 of the language says it."""
        scale = self.plan.parameters[name.name].scale
        if not scale.brackets:
            return self.zero(kind) if self.zero_for_missing else None
        if x is None:
            return None
        rows = [(Fraction(t), Fraction(a)) for t, a in scale.brackets]
        if scale.kind == "single_amount":
            return max(((t, a) for t, a in rows if t <= x), default=(0, Fraction(0)))[1]
        if scale.kind == "marginal_amount":
            return sum((a for t, a in rows if x > t), Fraction(0))
        tops = [t for t, _ in rows[1:]] + [max(x, rows[-1][0])]
        slices = [max(Fraction(0), min(x, top) - t) * r for (t, r), top in zip(rows, tops, strict=True)]
        return round_away(sum(slices, Fraction(0)), 6)

    def workdays(self, a: date, b: date) -> int:
        """Day by day, after the first one up to and with the last one."""
        if b < a:
            return -self.workdays(b, a)
        told = dict(self.plan.pack.calendar.exceptions)
        days = [date.fromordinal(n) for n in range(a.toordinal() + 1, b.toordinal() + 1)]
        return sum(told.get(day, day.isoweekday() <= 5) for day in days)

    def day(self, ordinal: int) -> date | None:
        return date.fromordinal(ordinal) if 1 <= ordinal <= date.max.toordinal() else None

    def months_on(self, day: date, n: int) -> date | None:
        """The same day of the month, or the month's last."""
        year, month = day.year, day.month
        for _ in range(abs(n)):
            month += 1 if n > 0 else -1
            year, month = (year + 1, 1) if month > 12 else (year - 1, 12) if month < 1 else (year, month)
            if not 1 <= year <= 9999:
                return None
        last = 31 if month == 12 else (date(year, month + 1, 1) - date(year, month, 1)).days
        return date(year, month, min(day.day, last))

    def age(self, born: date, on: date) -> int:
        """Birthdays passed, counted one by one; a 29 February is passed on 1 March."""
        years = on.year - born.year
        birthday = (born.month, born.day) if (born.month, born.day) != (2, 29) or _leap(on.year) else (3, 1)
        return years if (on.month, on.day) >= birthday else years - 1


def _said(area: str) -> int:
    """How many digits of a code say something: of a county six."""
    return next(n for n in (2, 4, 6, 9, 12) if set(area[n:]) <= {"0"})


def _leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
