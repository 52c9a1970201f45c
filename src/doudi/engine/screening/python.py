"""One household at once: a plan becomes the source text of one Python function, made once and kept.

The function walks the plan's order and fills one dict of names per subject; every operator is a call into `kleene`.
Nothing of a pack reaches the source unquoted: names and texts go in as `repr`, numbers and days as constants.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from threading import Lock
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
    Plan,
    PlannedProgramme,
    Ref,
    Scalar,
    Type,
)
from doudi.engine.policy.periods import period_of, plain_name
from doudi.engine.screening import kleene, ranges
from doudi.engine.screening.answers import Outcome
from doudi.engine.screening.bounds import base_name, lowered, nodes
from doudi.engine.screening.history import is_shared, part_of_year
from doudi.engine.screening.household import UNKNOWN, Enrolment, Household, Person
from doudi.engine.screening.ranges import can_leave
from doudi.engine.screening.repeats import bars
from doudi.engine.screening.workdays import workdays_of
from doudi.engine.values import is_in_force
from doudi.engine.words import Fault, Refused

Names = dict[str, Any]  # name → value of one subject; keys with # are ours
AMOUNT_BIT = 62

_OPS = {
    "and": "and_", "or": "or_", "not": "not_", "if": "if_", "known_or": "known_or", "is_known": "is_known",
    "==": "eq", "!=": "ne", "<": "lt", "<=": "le", ">": "gt", ">=": "ge", "in": "in_",
    "+": "add", "-": "sub", "neg": "neg", "*": "mul", "div": "div", "round": "round_", "floor": "floor", "abs": "abs_",
    "scale": "scale",
    "min": "least", "max": "greatest", "per_month": "per_month",
    "age_years": "age_years", "add_months": "add_months", "add_days": "add_days", "days_between": "days_between",
    "months_between": "months_between", "workdays_between": "workdays_between", "year": "year", "month": "month",
    "in_area": "in_area", "same_area": "same_area",
}  # fmt: skip
_AGGS = {"sum": "sum_of", "any": "any_of", "all": "all_of", "min": "min_of", "max": "max_of", "count_if": "count_of"}
OPERATORS: dict[str, Callable[..., Any]] = {op: getattr(kleene, name) for op, name in _OPS.items()}
AGGREGATES: dict[str, Callable[..., Any]] = {fn: getattr(kleene, name) for fn, name in _AGGS.items()}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a programme says of one subject: conditions in order of bits, masks, whether to ask, how far to tolerate."""

    outcome: Outcome
    amount: Decimal | None
    failed: int
    unknown: int
    conditions: tuple[bool | None, ...]
    ask: bool
    tolerance: Decimal
    had: bool = False  # given before, and only once in a while


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Every value of one household: names of the household, of each person in order, and the verdicts by subject id."""

    household: Names
    persons: tuple[Names, ...]
    verdicts: dict[tuple[str, str], Verdict]  # (programme, subject id)


def evaluate(plan: Plan, household: Household) -> Evaluation:
    """Decide one household; no text. The function generated for the plan is kept for the next call."""
    return compiled(plan).evaluate(household)


class Compiled:
    """The generated function of a plan, and what it needs beside it."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.source, constants = _Writer(lowered(plan)).module()
        calendar = workdays_of(plan.pack.calendar)
        space: dict[str, Any] = {
            **vars(kleene),
            **constants,
            "judge": judge,
            "amount_in_range": ranges.amount,
            "count_in_range": ranges.count,
            "counties": self.county,
            "calendar": calendar,
        }
        exec(compile(self.source, f"<{plan.pack.id} {plan.as_of}>", "exec"), space)  # our own text, see the module
        self.decide: Callable[[Names, list[Names]], None] = space["decide"]
        self._counties = {
            prefix: {key: found.value for key, found in values.items()} for prefix, values in plan.area_values.items()
        }
        self.refs: dict[int, tuple[Expr, ...]] = {}  # by id of an expression of this very plan; filled by explanations
        self.scales: dict[int, Expr] = {}  # the same
        self._facts = {e: [f for f in plan.facts.values() if f.entity == e] for e in ("household", "person")}
        self._days = (None, *sorted(enrolment_days(plan)))

    def county(self, code: str | None) -> dict[tuple[str, str | None], Scalar]:
        """Values of the parameters for an area; a county that was not planned has the nation's."""
        if code is None:
            return {}
        return self._counties.get(code[:6]) or self._counties.get("", {})

    def evaluate(self, h: Household) -> Evaluation:
        own = self._names("household", h)
        own["#had"] = self._had(h, "household", h.id)
        persons = []
        for person in h.persons:
            names = self._names("person", person)
            names["role"] = person.role
            names["#had"] = self._had(h, "person", person.id)
            persons.append(names)
        for day in self._days:
            self._enrol(h, own, persons, day)
        self.decide(own, persons)
        verdicts = {
            (programme, names["#id"]): verdict
            for names in (own, *persons)
            for programme, verdict in names["#verdicts"].items()
        }
        return Evaluation(own, tuple(persons), verdicts)

    def _had(self, h: Household, kind: Entity, id: str) -> frozenset[str]:
        """Programmes of which a grant to a subject bars another one."""
        mine = [e for e in h.enrolments if (e.subject_type, e.subject_id) == (kind, id)]
        once = (p for p in self.plan.programmes.values() if p.once_per)
        return frozenset(p.name for p in once if any(bars(p, e, self.plan.as_of) for e in mine))

    def _enrol(self, h: Household, own: Names, persons: list[Names], day: date | None) -> None:
        """Who is paid, and who is covered, on a day; None is the day of the run."""
        current = [e for e in h.enrolments if is_in_force(day or self.plan.as_of, e.starts_on, e.ends_on)]
        paid, covered = enrolled_key("#enrolled", day), enrolled_key("#covered", day)
        own[paid] = currently_paid([e for e in current if e.subject_type == "household"])
        for names in persons:
            id = names["#id"]
            names[paid] = currently_paid([e for e in current if e.subject_type == "person" and e.subject_id == id])
            names[covered] = names[paid].keys() | {
                e.programme for e in current if e.subject_type == "household" and (e.persons is None or id in e.persons)
            }

    def _names(self, entity: Entity, subject: Household | Person) -> Names:
        given = subject.facts
        default, as_of = self.plan.pack.missing == "default", self.plan.as_of
        names: Names = {f.name: held(f, given, default, as_of) for f in self._facts[entity]}
        names["division"] = subject.division
        names["#id"] = subject.id
        names["#county"] = self.county(subject.division)
        names["#facts"] = given
        names["#given"] = {
            name: None if given[name] == UNKNOWN else given[name]
            for name in given.keys() & self.plan.definitions.keys()
            if given[name] is not None and plain_name(name) not in self.plan.pack.neutralised
        }
        names["#verdicts"] = {}
        return names


def enrolment_days(plan: Plan) -> set[date]:
    """The days other than the run's on which rules ask who was enrolled."""
    exprs = [d.expr for d in plan.definitions.values() if period_of(d.name)]
    return {n.on for e in exprs for n in nodes(e) if isinstance(n, Enrolled) and n.on is not None}


def enrolled_key(what: str, day: date | None) -> str:
    return what if day is None else f"{what}@{day}"


def currently_paid(enrolments: list[Enrolment]) -> dict[str, Decimal | None]:
    """Programme → sum of its amounts; unknown when one is."""
    paid: dict[str, Decimal | None] = {}
    for e in enrolments:
        paid[e.programme] = kleene.add(paid.get(e.programme, Decimal(0)), e.amount)
    return {programme: ranges.amount(total) for programme, total in paid.items()}


def held(fact: Fact, given: dict[str, Scalar], default: bool, as_of: date) -> Scalar:
    """A fact's value as rules see it: given, else its part of a year, else presumed, else (under `missing: default`)
    its default."""
    value = given.get(fact.name)
    if value is None and is_shared(fact):
        value = part_of_year(fact, given, as_of)
    if value == UNKNOWN:
        return None
    if value is not None:
        return value
    if fact.presumed is not None:
        return fact.presumed
    if not default:
        return None
    return fact.default if fact.default is not None else zero(fact.type)


def zero(kind: Type) -> Scalar:
    """What stands for a missing value under `missing: default`."""
    if kind == "bool":
        return False
    if kind == "int":
        return 0
    return Decimal(0) if kind in ("number", "money", "rate") else None


def judge(
    names: Names,
    programme: str,
    bits: tuple[int, ...],
    applies: bool | None,
    conditions: tuple[bool | None, ...],
    amount: Callable[[], Any] | None,
    ask: bool | None,
    tolerance: Decimal | None,
) -> None:
    """Fold the conditions of one programme into its verdict and its two names (section 6 of the language)."""
    failed = sum(1 << bit for bit, met in zip(bits, conditions, strict=True) if met is False)
    unknown = sum(1 << bit for bit, met in zip(bits, conditions, strict=True) if met is None)
    outcome: Outcome
    due = None
    if applies is False:
        outcome, failed, unknown = "not_applicable", 0, 0
    elif failed:
        outcome = "not_eligible"
    elif unknown:
        outcome = "needs_verification"
    else:
        outcome = "eligible"
        if amount is not None:
            exact = amount()
            due = exact if exact is None else ranges.amount(Decimal(exact).quantize(kleene.FEN, ROUND_HALF_UP))
            if due is None:
                outcome, unknown = "needs_verification", 1 << AMOUNT_BIT
    names[f"{programme}.eligible"] = None if outcome == "needs_verification" else outcome == "eligible"
    names[f"{programme}.amount"] = due or Decimal(0)
    names["#verdicts"][programme] = Verdict(
        outcome, due, failed, unknown, conditions, ask is True, tolerance or Decimal(0), programme in names["#had"]
    )


_KEPT: OrderedDict[int, Compiled] = OrderedDict()
_KEEP = 32
_LOCK = Lock()


def compiled(plan: Plan) -> Compiled:
    """The generated function of a plan: made once, found again by identity or by an equal plan of the same pack."""
    if (known := _KEPT.get(id(plan))) is not None and known.plan is plan:
        return known
    with _LOCK:
        for known in list(_KEPT.values()):
            if known.plan.pack.hash == plan.pack.hash and known.plan.as_of == plan.as_of and known.plan == plan:
                return known
        made = _KEPT[id(plan)] = Compiled(plan)  # holds the plan, so its id stays its own
        while len(_KEPT) > _KEEP:
            _KEPT.popitem(last=False)
    return made


class _Writer:
    """Writes the source: one statement a name, in the plan's order."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.default = plan.pack.missing == "default"
        self.constants: dict[str, Any] = {}
        self.constant_names: dict[tuple[type, str], str] = {}

    def module(self) -> tuple[str, dict[str, Any]]:
        lines = ["def decide(h, ps):", "    g = h['#given']"]
        for name in self.plan.order:
            if name in self.plan.definitions:
                lines += self._definition(self.plan.definitions[name])
            else:
                lines += self._programme(self.plan.programmes[name])
        return "\n".join([*lines, ""]), self.constants

    def _definition(self, d: Definition) -> list[str]:
        value = self._expr(d.expr, d.entity)
        if isinstance(d.expr, Lit) and d.expr.value is None and self.default:
            value = self._constant(zero(d.type))
        name, given = repr(d.name), repr(base_name(d.name))
        if d.entity == "household":
            return [f"    h[{name}] = g[{given}] if {given} in g else {value}"]
        return [
            "    for p in ps:",
            "        q = p['#given']",
            f"        p[{name}] = q[{given}] if {given} in q else {value}",
        ]

    def _programme(self, p: PlannedProgramme) -> list[str]:
        applies = "False" if not p.in_force else self._optional(p.applies_when, p.subject, "True")
        conditions = "".join(self._expr(c.expr, p.subject) + ", " for c in p.conditions)
        amount = "None" if p.amount is None else "lambda: " + self._expr(p.amount, p.subject)
        ask = self._optional(p.ask_when, p.subject, "True")
        tolerance = self._optional(p.tolerance, p.subject, "None")
        subject = "h" if p.subject == "household" else "p"
        call = (
            f"judge({subject}, {p.name!r}, {tuple(c.bit for c in p.conditions)!r}, {applies}, ({conditions}), "
            f"{amount}, {ask}, {tolerance})"
        )
        return [f"    {call}"] if subject == "h" else ["    for p in ps:", f"        {call}"]

    def _optional(self, e: Expr | None, scope: Entity, absent: str) -> str:
        return absent if e is None else self._expr(e, scope)

    def _expr(self, e: Expr, scope: Entity, within: str = "") -> str:
        """The expression as Python; scope says whose names a bare parameter follows, within the operator around it."""
        text = self._operation(e, scope)
        if not can_leave(e, within):
            return text
        return f"{'count_in_range' if e.type == 'int' else 'amount_in_range'}({text})"

    def _operation(self, e: Expr, scope: Entity) -> str:
        if isinstance(e, Lit):
            return self._constant(e.value)
        if isinstance(e, Ref):
            return self._name(e, scope)
        if isinstance(e, Enrolled):
            return self._enrolled(e)
        if isinstance(e, Agg):
            value = "None" if e.value is None else self._expr(e.value, "person")
            where = "True" if e.where is None else self._expr(e.where, "person")
            return f"{_AGGS[e.fn]}([({value}, {where}) for p in ps])"
        if e.op == "as_of":
            return self._constant(self.plan.as_of)
        if e.op not in _OPS:
            raise Refused(Fault("screening.operator_missing", {"op": e.op}, self.plan.pack.id))
        args = [self._expr(a, scope, e.op) for a in self._args(e)]
        return f"{_OPS[e.op]}({', '.join([*args, 'calendar'] if e.op == 'workdays_between' else args)})"

    def _args(self, e: Call) -> tuple[Expr, ...]:
        """age_years without its second argument is of the day of the run."""
        if e.op == "age_years" and len(e.args) == 1:
            return (*e.args, Lit(self.plan.as_of, "date"))
        return e.args

    def _name(self, e: Ref, scope: Entity) -> str:
        if e.kind != "parameter":
            return f"{'p' if e.entity == 'person' else 'h'}[{e.name!r}]"
        parameter = self.plan.parameters[e.name]
        names = "p" if scope == "person" else "h"
        if parameter.by == "hukou_division":
            county = f"counties({self._of_subject('hukou_division', names)})"
        else:
            county = f"{names}['#county']"
        key = "None" if parameter.per is None else self._of_subject(parameter.per, names)
        return f"{county}.get(({e.name!r}, {key}))"  # what is not set under `missing: default` the plan filled in

    def _of_subject(self, fact: str, names: str) -> str:
        """A person's own fact; a household's fact is read plainly by its members."""
        own = self.plan.facts[fact].entity
        return f"{names if own == 'person' else 'h'}[{fact!r}]"

    def _enrolled(self, e: Enrolled) -> str:
        names = "p" if e.entity == "person" else "h"
        if e.type == "bool":
            held_in = enrolled_key("#covered" if names == "p" else "#enrolled", e.on)
            return f"({e.programme!r} in {names}[{held_in!r}])"
        decided = self.plan.programmes.get(e.programme)
        if decided is not None and decided.subject == "household":
            names = "h"
        return f"{names}[{enrolled_key('#enrolled', e.on)!r}].get({e.programme!r}, {self._constant(Decimal(0))})"

    def _constant(self, value: Scalar) -> str:
        if value is None or isinstance(value, bool | int | str):
            return repr(value)
        key = (type(value), str(value))  # 1.0 and 1.00 are equal and not the same
        if key not in self.constant_names:
            name = self.constant_names[key] = f"k{len(self.constants)}"
            self.constants[name] = value
        return self.constant_names[key]
