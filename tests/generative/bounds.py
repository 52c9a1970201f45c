"""What the naive interpreter knows of a number that is not known: its least and its greatest value (decision 0002).

A comparison with an unknown side is decided where the declared `min` and `max` of facts leave no doubt. Bounds are
looked for only where a fact with a limit, or a count of members, stands in a number; None is no bound.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from doudi.engine.policy.model import Agg, Call, Expr, Lit, Ref
from doudi.engine.screening.household import Household, Person
from tests.generative import arithmetic

if TYPE_CHECKING:
    from tests.generative.reading import Reading

Subject = Household | Person
Bound = Fraction | None
OTHER_PERIODS = ("first_month", "in_month", "sum_months", "mean_months")
_KEEPING = ("round", "floor", "per_month")  # of a greater number never a smaller one
_BOUNDED = ("+", "-", "neg", "*", "div", "if", "min", "max", *_KEEPING)


class Bounds:
    def __init__(self, reference: Reading) -> None:
        self.of = reference
        self.kept: dict[tuple[str, str, bool], Bound] = {}

    def decide(self, e: Call, s: Subject) -> bool | None:
        """Whether a comparison holds although a side is unknown."""
        a, b = e.args
        if not (self.is_bounded(a) or self.is_bounded(b)):
            return None
        (a_low, a_high), (b_low, b_high) = self.range(a, s), self.range(b, s)
        below, not_above = sure(a_high, b_low, strictly=True), sure(a_high, b_low)
        above, not_below = sure(b_high, a_low, strictly=True), sure(b_high, a_low)
        yes, no = {
            "<": (below, not_below), "<=": (not_above, above), ">": (above, not_above), ">=": (not_below, below),
            "==": (False, below or above), "!=": (below or above, False),
        }[e.op]  # fmt: skip
        return True if yes else False if no else None

    def range(self, e: Expr, s: Subject) -> tuple[Bound, Bound]:
        return self.bound(e, s, False), self.bound(e, s, True)

    def is_bounded(self, e: Expr) -> bool:
        """Whether a limit or a count stands in it, not hidden inside an operator that has no bounds."""
        if isinstance(e, Ref) and e.kind == "fact" and e.name in self.of.pack.facts:
            fact = self.of.pack.facts[e.name]
            return fact.min is not None or fact.max is not None
        if isinstance(e, Ref):
            return e.kind == "variable" and self.there(e.name).is_formula_bounded(e.name)
        if isinstance(e, Call) and e.op == "scale":
            return self.of.table(e) is not None
        if isinstance(e, Call) and e.op in OTHER_PERIODS:
            return any(there.is_bounded(e.args[0]) for there in self.read_in(e))
        if isinstance(e, Agg):
            return e.fn == "count_if" or any(self.is_bounded(part) for part in (e.value, e.where) if part is not None)
        return isinstance(e, Call) and e.op in _BOUNDED and any(self.is_bounded(a) for a in e.args)

    def there(self, variable: str) -> Bounds:
        """The bounds of the period in which a variable is read from here."""
        return self.of.in_period(self.of.pack.variables[variable].period).bounds

    def is_formula_bounded(self, variable: str) -> bool:
        formula = self.of.formula(variable)
        return formula is not None and self.is_bounded(formula)

    def bound(self, e: Expr, s: Subject, high: bool) -> Bound:
        """The least value of a number, or the greatest."""
        if not self.is_bounded(e):
            return self.of.value(e, s)
        if isinstance(e, Ref):
            return self.of_name(e, s, high)
        if isinstance(e, Agg):
            return self.of.within(e, self.of_members(e, s, high))
        assert isinstance(e, Call)
        return self.of.within(e, self.of_call(e, s, high))

    def part(self, e: Expr, s: Subject, high: bool) -> Bound:
        """An end within a chain of + and -, which is judged at its own end."""
        if isinstance(e, Call) and e.op in ("+", "-") and self.is_bounded(e):
            return self.of_call(e, s, high)
        if isinstance(e, Call) and e.op in ("+", "-"):
            return self.of.part(e, e, s)  # type: ignore[no-any-return]
        return self.bound(e, s, high)

    def of_name(self, e: Ref, s: Subject, high: bool) -> Bound:
        owner = self.of.household if e.entity == "household" else s
        if e.kind == "fact":
            fact, value = self.of.pack.facts[e.name], self.of.value(e, s)
            limit = fact.max if high else fact.min
            return value if value is not None else None if limit is None else Fraction(limit)
        return self.there(e.name).of_variable(e.name, owner, high)

    def of_variable(self, name: str, s: Subject, high: bool) -> Bound:
        key = (name, s.id, high)
        if key not in self.kept:
            formula = self.of.formula(name)
            told = self.of.written(name, self.of.pack.variables[name].period)
            is_fixed = (s.facts.get(told) is not None and name not in self.of.pack.neutralised) or formula is None
            self.kept[key] = self.of.variable(name, s) if is_fixed else self.bound(formula, s, high)  # type: ignore[arg-type]
        return self.kept[key]

    def of_call(self, e: Call, s: Subject, high: bool) -> Bound:
        first, last = e.args[0], e.args[-1]
        match e.op:
            case "+":
                return added([self.part(a, s, high) for a in e.args])
            case "-":
                return added([self.part(first, s, high), less(self.part(last, s, not high))])
            case "neg":
                return less(self.bound(first, s, not high))
            case "*":
                return self.product(e, s, high)
            case "div":
                return self.quotient(e, s, high)
            case "if":
                return self.choice(e, s, high)
            case "min" | "max":
                return self.extreme(e, s, high)
            case "scale":
                return self.scaled(e, s, high)
            case "first_month" | "in_month" | "sum_months" | "mean_months":
                return self.of_months(e, s, high)
        args = [self.bound(first, s, high), *(self.of.value(a, s) for a in e.args[1:])]
        return None if None in args else arithmetic.apply(e.op, args, _not_counted)

    def product(self, e: Call, s: Subject, high: bool) -> Bound:
        """Of one factor that is never below 0 it is enough to know the ends; two of unknown sign tell nothing."""
        a, b = e.args
        if self.never_negative(a) and self.never_negative(b):
            return times(self.bound(a, s, high), self.bound(b, s, high))
        if self.never_negative(a):
            a, b = b, a
        if not self.never_negative(b):
            return self.of.value(e, s)
        ends = [self.of.within(e, times(self.bound(a, s, high), self.bound(b, s, end))) for end in (False, True)]
        return None if None in ends else (max if high else min)(x for x in ends if x is not None)

    def quotient(self, e: Call, s: Subject, high: bool) -> Bound:
        a, b, scale = e.args
        if not (self.never_negative(a) and self.never_negative(b)):
            return self.of.value(e, s)
        args = [self.bound(a, s, high), self.bound(b, s, not high), self.of.value(scale, s)]
        return None if None in args else arithmetic.apply("div", args, _not_counted)

    def choice(self, e: Call, s: Subject, high: bool) -> Bound:
        when = self.of.value(e.args[0], s)
        a, b = (self.bound(part, s, high) for part in e.args[1:])
        if when is not None:
            chosen = a if when else b
            if chosen is not None:
                return chosen
        return None if a is None or b is None else (max if high else min)(a, b)

    def extreme(self, e: Call, s: Subject, high: bool) -> Bound:
        """`max` is at least each of its parts, `min` at most: of two, one is enough on that side."""
        ends = [self.bound(a, s, high) for a in e.args]
        known = [x for x in ends if x is not None]
        if len(known) == len(ends):
            return (min if e.op == "min" else max)(known)
        return known[0] if known and len(ends) == 2 and (e.op == "min") == high else None

    def scaled(self, e: Call, s: Subject, high: bool) -> Bound:
        """Where more never gives less, or never more, what the end of the value gives; else what the table gives."""
        table = self.of.table(e)
        assert table is not None
        x = self.of.value(e.args[1], s)
        if x is None and table.direction:
            x = self.bound(e.args[1], s, high if table.direction > 0 else not high)
        found = None if x is None else table.of(x, _not_counted)
        return found if found is not None else table.most if high else table.least

    def of_months(self, e: Call, s: Subject, high: bool) -> Bound:
        if e.op == "mean_months" and not self.never_negative(e):
            return self.of.value(e, s)
        months = self.of.months(e, s)
        if not months or None in months:
            return None
        total = added([m.bounds.bound(e.args[0], s, high) for m in months if m is not None])
        total = self.of.within(e, total)
        if total is None or e.op != "mean_months":
            return total
        return arithmetic.to_multiple(total / len(months), Fraction(1, 10**6), "half_up")

    def read_in(self, e: Call) -> list[Bounds]:
        """The bounds of the months that a function reads, by the pack alone; of a sum by a figure, the last one."""
        if e.op == "first_month" or (isinstance(e.args[1], Lit)):
            months = self.of.months(e, self.of.household) or []
        else:
            months = [self.of.in_period("month")]
        return [m.bounds for m in months if m is not None]

    # ---- members ---------------------------------------------------------------------------------------------------
    def of_members(self, e: Agg, s: Subject, high: bool) -> Bound:
        members = self.of.household.persons
        if e.fn == "count_if":
            assert e.where is not None
            counted = [self.of.value(e.where, p) for p in members]
            return Fraction(sum(1 for c in counted if (high if c is None else c)))
        if e.fn in ("min", "max") and e.where is not None:
            return self.of.value(e, s)
        ends = [self.of_member(e, p, high) for p in members]
        if e.fn == "sum":
            return added(ends)
        known = [x for x in ends if x is not None]
        return (min if e.fn == "min" else max)(known) if known and len(known) == len(ends) else None

    def of_member(self, e: Agg, p: Person, high: bool) -> Bound:
        assert e.value is not None
        value = self.bound(e.value, p, high)
        if e.where is None:
            return value
        counts = self.of.value(e.where, p)
        if counts is None and self.never_negative(e.value):
            counts = high
        if counts is None and value is not None:
            counts = (value > 0) if high else (value < 0)
        if counts is None:
            return value if value == 0 else None
        return value if counts else Fraction(0)

    def never_negative(self, e: Expr | None) -> bool:
        """By what is declared alone, whatever the household: of figures, every one the pack holds."""
        if isinstance(e, Lit):
            return not isinstance(e.value, str) and e.value is not None and Fraction(e.value) >= 0  # type: ignore[arg-type]
        if isinstance(e, Agg):
            return e.fn == "count_if" or (e.fn == "sum" and self.never_negative(e.value))
        if isinstance(e, Ref):
            return self.name_never_negative(e)
        if not isinstance(e, Call):
            return False
        match e.op:
            case "max":
                return any(self.never_negative(a) for a in e.args)
            case "+" | "*" | "min" | "per_month":
                return all(self.never_negative(a) for a in e.args)
            case "round" | "floor":
                return self.never_negative(e.args[0])
            case "if":
                return all(self.never_negative(a) for a in e.args[1:])
            case "div":
                return all(self.never_negative(a) for a in e.args[:2])
            case "first_month" | "in_month" | "sum_months" | "mean_months":
                is_told = e.op == "first_month" or isinstance(e.args[1], Lit)
                return is_told and all(there.never_negative(e.args[0]) for there in self.read_in(e))
            case "scale":
                table = self.of.table(e)
                return self.of.is_default if table is None else table.least is not None and table.least >= 0
        return e.op == "abs"

    def formula_never_negative(self, variable: str) -> bool:
        formula = self.of.formula(variable)
        return self.of.is_default if formula is None else self.never_negative(formula)

    def name_never_negative(self, e: Ref) -> bool:
        pack: Any = self.of.pack
        if e.kind == "fact":
            fact = pack.facts.get(e.name)
            return fact is not None and fact.min is not None and fact.min >= 0
        if e.kind == "variable":
            return self.there(e.name).formula_never_negative(e.name)
        return e.kind == "parameter" and all(v.value is None or v.value >= 0 for v in pack.parameters[e.name].values)


def sure(low: Bound, high: Bound, strictly: bool = False) -> bool:
    return low is not None and high is not None and (low < high if strictly else low <= high)


def added(parts: list[Bound]) -> Bound:
    return None if any(p is None for p in parts) else sum((p for p in parts if p is not None), Fraction(0))


def less(x: Bound) -> Bound:
    return None if x is None else -x


def times(a: Bound, b: Bound) -> Bound:
    return None if a is None or b is None else arithmetic.apply("*", [a, b], _not_counted)


def _not_counted(cell: str) -> None:
    pass
