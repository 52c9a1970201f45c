"""Every month and year that a pack's rules reach, as names of their own (decision 0006).

An expression is read at a moment. `in_month(income, -3)` becomes the name `income@2020-04`, which is a fact, or a
variable with the formula, the parameters, the ages and the enrolments of that month. So a plan has no periods: both
backends see more names, and cannot disagree on what a period is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from operator import is_
from typing import Any

from doudi.engine.policy.model import (
    Agg,
    Call,
    Definition,
    Enrolled,
    Entity,
    Expr,
    Fact,
    Lit,
    Pack,
    Parameter,
    Period,
    PlannedProgramme,
    Ref,
    Scalar,
    Type,
    Variable,
    Words,
)
from doudi.engine.policy.periods import Moment, asked_of, period_of, plain_name, said_of, sum_of
from doudi.engine.policy.variables import zero
from doudi.engine.values import Month
from doudi.engine.words import Fault, Refused, say

MOST_MONTHS = 120  # that one sum or mean may reach back
MOST_INSTANCES = 2_000  # names of other periods in one plan
MOST_READS = 20_000  # reads of such names in its sums
READ_AT = ("first_month", "in_month", "sum_months", "mean_months")


@dataclass(frozen=True, slots=True)
class Law:
    """What the pack says on a day, as the plan finds it."""

    formula: Callable[[Variable, date], Expr]
    programme: Callable[[str, date], PlannedProgramme]
    parameter: Callable[[str, date], Parameter]
    held: Callable[[str, date], dict[tuple[str, str | None], Any]]  # (county, key) → Resolved


@dataclass
class Instances:
    """Collects the names that are reached; `complete` defines them. definitions also takes the run's own."""

    pack: Pack
    as_of: date
    law: Law
    facts: dict[str, Fact] = field(default_factory=dict)
    definitions: dict[str, Definition] = field(default_factory=dict)
    parameters: dict[str, tuple[Parameter, str, date]] = field(default_factory=dict)  # with plain name and day
    _waiting: list[tuple[str, str, Moment]] = field(default_factory=list)
    _read_by: dict[str, str] = field(default_factory=dict)
    _reader: str = ""
    _scope: Entity = "household"  # whose expression is read, so whose county's figures
    _reads: int = 0
    _names: int = 0

    @property
    def now(self) -> Moment:
        return Moment(self.as_of, self.as_of)

    def here(self, expr: Expr, reader: str) -> Expr:
        """An expression of the run's own period, with what it reads of others as names."""
        owner = self.pack.programmes.get(reader) or self.pack.signs[reader]
        self._reader, self._scope = reader, owner.subject
        return self._at(expr, self.now)

    def here_or_none(self, expr: Expr | None, reader: str) -> Expr | None:
        return None if expr is None else self.here(expr, reader)

    def variable(self, variable: Variable) -> Definition:
        """A variable in the run's own period."""
        return self._definition(variable, variable.name, self.now)

    def complete(self) -> None:
        """Define everything that was reached, and what that reaches in turn. Raises Refused when it is too much."""
        while self._waiting:
            kind, plain, moment = self._waiting.pop()
            name = moment.named(plain, _period(self.pack, kind, plain))
            self._reader = name
            if kind == "variable":
                self.definitions[name] = self._definition(self.pack.variables[plain], name, moment)
            else:
                self.definitions[name] = self._programme(kind, plain, name, moment)

    # ---- rewriting -------------------------------------------------------------------------------------------------
    def _at(self, e: Expr, moment: Moment) -> Expr:
        """The expression at a moment; itself where nothing in it speaks of another period."""
        if isinstance(e, Lit):
            return e
        if isinstance(e, Ref):
            return self._name(e, moment)
        if isinstance(e, Enrolled):
            return e if moment.is_now else replace(e, on=moment.day)
        if isinstance(e, Agg):
            scope, self._scope = self._scope, "person"
            value, where = (None if x is None else self._at(x, moment) for x in (e.value, e.where))
            self._scope = scope
            return e if value is e.value and where is e.where else replace(e, value=value, where=where)
        if e.op in READ_AT:
            return self._other_period(e, moment)
        if not moment.is_now and e.op == "as_of":
            return Lit(moment.day, "date")
        args = tuple(self._at(a, moment) for a in e.args)
        if not moment.is_now and e.op == "age_years" and len(args) == 1:
            return replace(e, args=(*args, Lit(moment.day, "date")))
        return e if all(map(is_, args, e.args)) else replace(e, args=args)

    def _other_period(self, e: Call, moment: Moment) -> Expr:
        read, *n = e.args
        if e.op == "first_month":
            return self._in(read, Month(moment.day.year, 1), moment)
        if e.op == "in_month":
            assert isinstance(n[0], Lit) and isinstance(n[0].value, int)
            return self._in(read, moment.month.plus(n[0].value), moment)
        total = self._total(e, moment)
        if e.op == "sum_months":
            return total
        return Call("div", (total, self._at(n[0], moment), Lit(6, "int")), e.type, e.entity)

    def _in(self, read: Expr, month: Month, moment: Moment) -> Expr:
        if month.year < 1:
            return Lit(None, read.type)
        return self._at(read, moment.in_month(month))

    # ---- sums ------------------------------------------------------------------------------------------------------
    def _total(self, e: Call, moment: Moment) -> Expr:
        """The sum over the last n months, as a definition of its own; where n is a parameter, each county's own n."""
        read, n = e.args
        assert isinstance(read, Ref)
        if isinstance(n, Lit):
            assert isinstance(n.value, int)
            if n.value == 1:
                return self._in(read, moment.month, moment)
            return self._sum(
                read, f"{moment.month.plus(1 - n.value)}..{moment.month}", self._months(read, n.value, moment)
            )
        assert isinstance(n, Ref)
        most = self._most(n, moment)
        if most is None:
            return Lit(None, read.type)  # over a number of months that nobody set
        months = self._at(n, moment)
        nothing = Lit(zero(read.type), read.type)
        parts = tuple(
            Call(
                "if", (Call(">", (months, Lit(i, "int")), "bool", months.entity), part, nothing), read.type, part.entity
            )
            for i, part in enumerate(self._months(read, most, moment))
        )
        if self._scope == "person" and read.entity == "household" and self.law.parameter(n.name, moment.day).by:
            return self._sum(replace(read, entity="person"), f"{n.name}-own..{moment.month}", parts, months)
        return self._sum(read, f"{n.name}..{moment.month}", parts, months)

    def _months(self, read: Ref, n: int, moment: Moment) -> tuple[Expr, ...]:
        self._reads += n
        if self._reads > MOST_READS:
            raise self._too_much(self._reads, MOST_READS)
        return tuple(self._in(read, moment.month.plus(-i), moment) for i in range(n))

    def _sum(self, read: Ref, period: str, parts: tuple[Expr, ...], months: Expr | None = None) -> Ref:
        name = f"{read.name}@{period}"
        if name not in self.definitions:
            entity: Entity = read.entity or "household"
            total: Expr = Call("+", parts, read.type, entity) if len(parts) > 1 else parts[0]
            if months is not None:  # while n is unknown, so is the sum, even of nothing but zeros
                some = Call(">", (months, Lit(0, "int")), "bool", months.entity)
                total = Call("if", (some, total, Lit(None, read.type)), read.type, entity)
            label, unit, kind = self._declared(read)
            self._count()
            self.definitions[name] = Definition(
                name, entity, read.type, total, sum_of(label, period, self._label_of_months(months)), unit, kind
            )
        return Ref(name, "variable", read.type, read.entity)

    def _label_of_months(self, months: Expr | None) -> Words | None:
        if not isinstance(months, Ref):
            return None
        return self.pack.parameters[plain_name(months.name)].label

    def _most(self, n: Ref, moment: Moment) -> int | None:
        """The largest n that any county has on the day; None where none has one."""
        values = [found.value for found in self.law.held(n.name, moment.day).values()]
        for value in values:
            if not isinstance(value, int) or not 1 <= value <= MOST_MONTHS:
                fields = {"name": n.name, "value": value, "limit": MOST_MONTHS}
                raise Refused(Fault("policy.months_range", fields, self.pack.id, path=n.name))
        return max(values, default=None)

    # ---- names -----------------------------------------------------------------------------------------------------
    def _name(self, e: Ref, moment: Moment) -> Expr:
        if e.name in ("role", "division"):
            return e
        if e.kind == "parameter":
            return self._parameter(e, moment)
        period = _period(self.pack, e.kind, e.name)
        there = _moment_of(period, moment, self.now)
        name = there.named(e.name, period)
        if name == e.name:
            return e
        if name not in self._read_by:
            self._count()
            self._read_by[name] = self._reader
            if e.kind == "fact":
                self.facts[name] = _fact(self.pack.facts[e.name], name)
            else:
                self._waiting.append((e.kind, e.name, there))
        return Ref(name, "fact" if e.kind == "fact" else "variable", e.type, e.entity)

    def _parameter(self, e: Ref, moment: Moment) -> Expr:
        """The parameter itself where every county has the same on both days."""
        if moment.is_now:
            return e
        declared = self.pack.parameters[e.name]
        chooser = None if declared.per is None else self._name(_ref(self.pack.facts[declared.per]), moment)
        per = chooser.name if isinstance(chooser, Ref) else None
        there = self.law.parameter(e.name, moment.day)
        same = per == declared.per and there.scale == self.law.parameter(e.name, self.as_of).scale
        if same and self.law.held(e.name, moment.day) == self.law.held(e.name, self.as_of):
            return e
        name = f"{e.name}@{moment.month}"
        if name not in self.parameters:
            self._count()
            label = said_of(declared.label, str(moment.month))
            self.parameters[name] = (replace(there, name=name, per=per, label=label), e.name, moment.day)
        return replace(e, name=name)

    # ---- definitions -----------------------------------------------------------------------------------------------
    def _definition(self, v: Variable, name: str, moment: Moment) -> Definition:
        self._reader, self._scope = name, v.entity
        expr = self._at(self.law.formula(v, moment.day), _moment_of(v.period, moment, self.now))
        label = v.label if name == v.name else said_of(v.label or _words(v.name), period_of(name))
        return Definition(name, v.entity, v.type, expr, label, v.unit, v.period)

    def _programme(self, kind: str, plain: str, name: str, moment: Moment) -> Definition:
        """`P.eligible` or `P.amount` of another month: what the outcome of that month comes to (section 6)."""
        p = self.law.programme(plain.rpartition(".")[0], moment.day)
        type_: Type = "bool" if kind == "eligible" else "money"
        label = said_of(_of_programme(p, kind), period_of(name))
        self._scope = p.subject
        made = _eligible(p) if kind == "eligible" else _amount(p)
        return Definition(name, p.subject, type_, self._at(made, moment), label, None, "month")

    def _declared(self, read: Ref) -> tuple[Words, str | None, Period]:
        """Label, unit and period of what a sum adds up; an amount for each month is none for all of them."""
        if read.kind in ("eligible", "amount"):
            programme = self.law.programme(read.name.rpartition(".")[0], self.as_of)
            return _of_programme(programme, read.kind), None, "month"
        found = self.pack.facts.get(read.name) or self.pack.variables[read.name]
        unit = None if "month" in (found.unit or "") else found.unit
        return found.label or _words(read.name), unit, "month"

    def _count(self) -> None:
        self._names += 1
        if self._names > MOST_INSTANCES:
            raise self._too_much(self._names, MOST_INSTANCES)

    def _too_much(self, n: int, limit: int) -> Refused:
        path = " → ".join(reversed(list(self._way())))
        return Refused(Fault("policy.plan_size", {"n": n, "limit": limit, "path": path}, self.pack.id, path=path))

    def _way(self) -> Iterator[str]:
        """The reader, who reads him, and so on up to a name of the run's own period."""
        name = self._reader
        while name:
            yield name
            name = self._read_by.get(name, "")


def _period(pack: Pack, kind: str, name: str) -> Period:
    if kind in ("eligible", "amount"):
        return "month"
    return pack.facts[name].period if kind == "fact" else pack.variables[name].period


def _moment_of(period: Period, moment: Moment, now: Moment) -> Moment:
    if period == "eternity":
        return now
    return moment.in_month(moment.month) if period == "month" else moment.in_year(moment.day.year)


def _ref(fact: Fact) -> Ref:
    return Ref(fact.name, "fact", fact.type, fact.entity)


def _words(name: str) -> Words:
    return Words(name, name)


def _fact(fact: Fact, name: str) -> Fact:
    period = period_of(name)
    asked = None if fact.question is None else asked_of(fact.question, period)
    return replace(fact, name=name, label=said_of(fact.label, period), question=asked)


def _of_programme(p: PlannedProgramme, what: str) -> Words:
    texts = {lang: say(f"spoken.of.{what}", lang, programme=getattr(p.label, lang)) for lang in ("zh", "en")}
    return Words(**texts)


def _eligible(p: PlannedProgramme) -> Expr:
    """Any failed: no; else any unknown, or an unknown amount: unknown. An unknown `applies_when` counts as applying."""
    if not p.in_force:
        return Lit(False, "bool")
    unknown: Scalar = None
    parts = [c.expr for c in p.conditions]
    if p.applies_when is not None:
        parts.insert(0, Call("known_or", (p.applies_when, Lit(True, "bool")), "bool", p.applies_when.entity))
    if p.amount is not None:
        known = Call("is_known", (p.amount,), "bool", p.amount.entity)
        parts.append(Call("or", (known, Lit(unknown, "bool")), "bool", p.amount.entity))
    if not parts:
        return Lit(True, "bool")
    return parts[0] if len(parts) == 1 else Call("and", tuple(parts), "bool", p.subject)


def _amount(p: PlannedProgramme) -> Expr:
    """To the fen where eligible, else 0."""
    nothing = Lit(Decimal(0), "money")
    if p.amount is None or not p.in_force:
        return nothing
    eligible = Call("known_or", (_eligible(p), Lit(False, "bool")), "bool", p.subject)
    due = Call("round", (p.amount, Lit(Decimal("0.01"), "number"), Lit("half_up", "text")), "money", p.amount.entity)
    return Call("if", (eligible, due, nothing), "money", p.subject)
