"""Values of any part of an expression in a household that was decided: what an explanation reads from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from doudi.engine.policy.model import Agg, Call, Enrolled, Expr, Lit, Parameter, Plan, Ref, Resolved, Scalar
from doudi.engine.screening.bounds import children, nodes
from doudi.engine.screening.python import AGGREGATES, OPERATORS, Compiled, Evaluation, Names, enrolled_key
from doudi.engine.screening.ranges import judged
from doudi.engine.screening.scales import written
from doudi.engine.screening.workdays import workdays_of


@dataclass(frozen=True, slots=True)
class Missing:
    """One thing not known: a fact of somebody, or a parameter that the county has not set."""

    kind: str  # fact or parameter
    name: str
    subject: str


_Part = tuple[Expr, Names | None]  # an expression and the member in whose place it is read


class Lookup:
    """Reads one evaluation; `person` says whose names a person's expression reads."""

    def __init__(self, compiled: Compiled, evaluation: Evaluation) -> None:
        self.plan = compiled.plan
        self.evaluation = evaluation
        self._refs = compiled.refs
        self._scales = compiled.scales
        self._values: dict[tuple[int, int], Any] = {}  # expressions live as long as their plan, so an id is a key

    def value(self, e: Expr, person: Names | None = None) -> Any:
        """The value of an expression, as the backends compute it, without what bounds decide."""
        if isinstance(e, Lit):
            return e.value
        if isinstance(e, Ref):
            return self.name(e, person)
        if isinstance(e, Enrolled):
            return self._enrolled(e, person)
        key = (id(e), id(person))
        if key not in self._values:
            self._values[key] = judged(e, self._computed(e, person))
        return self._values[key]

    def refs(self, e: Expr) -> tuple[Expr, ...]:
        """Names and enrolments read in an expression, each once."""
        found = self._refs.get(id(e))
        if found is None:
            found = self._refs[id(e)] = tuple(dict.fromkeys(n for n in nodes(e) if isinstance(n, Ref | Enrolled)))
        return found

    def _computed(self, e: Agg | Call, person: Names | None) -> Any:
        if isinstance(e, Agg):
            return AGGREGATES[e.fn](self._members(e))
        if e.op == "as_of":
            return self.plan.as_of
        if e.op == "scale" and len(e.args) == 2:  # with its table in the call there are more
            return self.value(self.spelled(e), person)
        args = [self.value(a, person) for a in e.args]
        if e.op == "age_years" and len(args) == 1:
            args.append(self.plan.as_of)
        if e.op == "workdays_between":
            args.append(workdays_of(self.plan.pack.calendar))
        return OPERATORS[e.op](*args)

    def spelled(self, e: Call) -> Expr:
        """A scale with its table in the call, as the backends execute it; made once, for its id is a key."""
        if id(e) not in self._scales:
            self._scales[id(e)] = written(self.plan, e)
        return self._scales[id(e)]

    def name(self, e: Ref, person: Names | None) -> Any:
        if e.kind == "parameter":
            found = self.resolved(e.name, person)
            return None if found is None else found.value
        return self.subject(e.entity, person).get(e.name)

    def subject(self, entity: str | None, person: Names | None) -> Names:
        return person if entity == "person" and person is not None else self.evaluation.household

    def resolved(self, name: str, person: Names | None) -> Resolved | None:
        """The value of a parameter for the subject at hand, with its source; None when the county has none."""
        parameter = self.plan.parameters[name]
        code = self._area(parameter, person)
        held = self.plan.area_values.get(code[:6] if code else "-") or (self.plan.area_values.get("") if code else None)
        key = self._own(parameter.per, person) if parameter.per else None
        return (held or {}).get((name, key))

    def _area(self, parameter: Parameter, person: Names | None) -> str | None:
        if parameter.by == "hukou_division":
            return self._own("hukou_division", person)
        return (self.evaluation.household if person is None else person)["division"]

    def _own(self, fact: str, person: Names | None) -> Any:
        return self.subject(self.plan.facts[fact].entity, person).get(fact)

    def _enrolled(self, e: Enrolled, person: Names | None) -> Any:
        names = self.subject(e.entity, person)
        if e.type == "bool":
            return e.programme in names[enrolled_key("#covered" if e.entity == "person" else "#enrolled", e.on)]
        decided = self.plan.programmes.get(e.programme)
        if decided is not None and decided.subject == "household":
            names = self.evaluation.household
        return names[enrolled_key("#enrolled", e.on)].get(e.programme, Decimal(0))

    def _members(self, e: Agg) -> Iterator[tuple[Any, bool | None]]:
        for p in self.evaluation.persons:
            yield (
                None if e.value is None else self.value(e.value, p),
                True if e.where is None else self.value(e.where, p),
            )

    def missing(self, e: Expr, person: Names | None = None) -> list[Missing]:
        """What would have to be known for the expression to be known, first things first, each once."""
        found: dict[Missing, None] = {}
        told: set[tuple[str, int]] = set()
        waiting: list[_Part] = [(e, person)]
        while waiting:
            part, whose = waiting.pop()
            if self.value(part, whose) is not None:
                continue
            if isinstance(part, Ref):
                key = (part.name, id(self.subject(part.entity, whose)))
                behind: Sequence[_Part | Missing] = [] if key in told else self._behind(part, whose)
                told.add(key)
            else:
                behind = self._parts(part, whose)
            found |= dict.fromkeys(m for m in behind if isinstance(m, Missing))
            waiting += reversed([p for p in behind if not isinstance(p, Missing)])
        return list(found)

    def _parts(self, e: Expr, person: Names | None) -> list[_Part]:
        """The parts of an unknown expression that may be why it is unknown."""
        if isinstance(e, Agg):
            counted = [p for p in self.evaluation.persons if e.where is None or self.value(e.where, p) is not False]
            return [(part, p) for p in counted for part in (e.where, e.value) if part is not None]
        if isinstance(e, Call) and e.op == "scale" and isinstance(self.spelled(e), Call):
            return [(e.args[1], person)]
        if isinstance(e, Call) and e.op == "if" and (taken := self.taken(e, person)) is not None:
            return [(taken, person)]
        return [(child, person) for child in children(e)]

    def taken(self, e: Call, person: Names | None) -> Expr | None:
        """The branch of an `if` whose condition is known."""
        when = self.value(e.args[0], person)
        return None if when is None else e.args[1 if when else 2]

    def _behind(self, e: Ref, person: Names | None) -> Sequence[_Part | Missing]:
        """Of an unknown name: what is missing, or the expressions that it comes from."""
        names = self.subject(e.entity, person)
        if e.kind == "parameter":
            parameter = self.plan.parameters[e.name]
            needed = [f for f in (parameter.per, "hukou_division" if parameter.by == "hukou_division" else None) if f]
            unknown = [f for f in needed if self._own(f, person) is None]
            of_facts = [Missing("fact", f, self.subject(self.plan.facts[f].entity, person)["#id"]) for f in unknown]
            return of_facts or [Missing("parameter", e.name, names["division"][:6])]
        if e.kind == "variable" and e.name not in names["#given"]:
            return [(self.plan.definitions[e.name].expr, person if e.entity == "person" else None)]
        if e.kind == "eligible":
            planned = self.plan.programmes[e.name.removesuffix(".eligible")]
            return [(c.expr, person if planned.subject == "person" else None) for c in planned.conditions]
        return [Missing("fact", e.name, names["#id"])]


def is_presumed(plan: Plan, name: str, given: dict[str, Scalar]) -> bool:
    """Whether a fact has its value only because the pack presumes it."""
    fact = plan.facts.get(name)
    return fact is not None and fact.presumed is not None and given.get(name) is None
