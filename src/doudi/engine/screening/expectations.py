"""What an example expects, held against what a backend said."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from doudi.engine.policy import plan
from doudi.engine.policy.model import Pack, Plan, PlannedProgramme
from doudi.engine.screening.example import Example, full_name, read_value
from doudi.engine.screening.household import UNKNOWN
from doudi.engine.screening.lookup import Lookup
from doudi.engine.screening.python import AMOUNT_BIT

Key = tuple[str, str]  # programme, subject id


@dataclass(frozen=True, slots=True)
class Difference:
    """what: `dibao.amount`, `dibao.a.outcome`, `variables.income`; texts as the example writes them."""

    what: str
    expected: str
    actual: str


@dataclass(frozen=True, slots=True)
class Got:
    """What a backend said of one subject in one programme."""

    outcome: str
    amount: Decimal | None
    failed: frozenset[str]
    unknown: frozenset[str]
    state: str


@dataclass(frozen=True, slots=True)
class Case:
    pack: Pack
    example: Example
    at: int

    def planned_for(self) -> tuple[int, date, frozenset[str]]:
        """What its plan hangs on: examples of one law, day and county share one."""
        return id(self.pack), self.example.as_of, frozenset(self.example.counties())

    def plan(self) -> Plan:
        return plan(self.pack, self.example.as_of, self.example.counties())

    def person(self, id: str) -> str:
        """A person's id as written in the example, as it stands in the household."""
        return f"{self.example.household.id}.{id}"


def names_of(programme: PlannedProgramme, mask: int) -> frozenset[str]:
    names = {c.name for c in programme.conditions if mask >> c.bit & 1}
    return frozenset(names | ({"amount"} if mask >> AMOUNT_BIT & 1 else set()))


def outcome_differences(case: Case, got: dict[Key, Got]) -> Iterator[Difference]:
    for programme, expected in case.example.programmes.items():
        if programme not in case.pack.programmes:
            continue
        if case.pack.programmes[programme].subject == "household":
            said = got.get((programme, case.example.household.id))
            yield from _differences(case, programme, expected, said)
            continue
        ids = {case.person(str(k)): str(k) for k in expected}
        everybody = {p.id: p.id.partition(".")[2] for p in case.example.household.persons}
        if ids.keys() <= everybody.keys():
            for full, id in ids.items():
                yield from _differences(case, f"{programme}.{id}", expected[id], got.get((programme, full)))
        else:  # a person programme of the only person
            for full in everybody:
                yield from _differences(case, programme, expected, got.get((programme, full)))


def _differences(case: Case, what: str, expected: dict[str, Any], got: Got | None) -> Iterator[Difference]:
    if got is None:
        yield Difference(what, str(expected), "-")
        return
    for key in ("outcome", "state"):
        if key in expected and expected[key] != getattr(got, key):
            yield Difference(f"{what}.{key}", str(expected[key]), getattr(got, key))
    for key in ("failed", "unknown"):
        if key in expected and frozenset(expected[key]) != getattr(got, key):
            yield Difference(f"{what}.{key}", ", ".join(sorted(expected[key])), ", ".join(sorted(getattr(got, key))))
    if "amount" in expected:
        margin = Decimal(str(expected.get("margin", case.example.margin)))
        wanted = None if expected["amount"] is None else Decimal(str(expected["amount"]))
        if not _equal(wanted, got.amount, margin):
            yield Difference(f"{what}.amount", _text(wanted), _text(got.amount))


def variable_differences(case: Case, planned: Plan, value_of: Callable[[str, str], Any]) -> Iterator[Difference]:
    """value_of: name, id of the household or person → what the backend has."""
    for name, expected in case.example.variables.items():
        full = full_name(case.pack, case.example, name)
        declared = planned.definitions.get(full) or planned.facts.get(full) or planned.parameters[full]
        each = {"": expected}
        if isinstance(expected, dict):
            each = {case.person(str(id)): value for id, value in expected.items()}
        for subject, value in each.items():
            actual = value_of(full, subject or _whose(case, getattr(declared, "entity", "household")))
            wanted = read_value(value, declared.type)
            if not _equal(None if wanted == UNKNOWN else wanted, actual, case.example.margin):
                at = f".{subject.partition('.')[2]}" if subject else ""
                yield Difference(f"variables.{name}{at}", _text(wanted), _text(actual))


def _whose(case: Case, entity: str) -> str:
    """Where no person is named: the household, or the only person."""
    household = case.example.household
    return household.persons[0].id if entity == "person" and household.persons else household.id


def looked_up(lookup: Lookup, name: str, subject: str) -> Any:
    """The value of a variable, fact or parameter in a decided household."""
    persons = {p["#id"]: p for p in lookup.evaluation.persons}
    if name in lookup.plan.parameters:
        found = lookup.resolved(name, persons.get(subject))
        return None if found is None else found.value
    return persons.get(subject, lookup.evaluation.household).get(name)


def _equal(expected: Any, actual: Any, margin: Decimal) -> bool:
    """Equal after rounding to the decimals written, or within the margin."""
    if isinstance(expected, bool) or isinstance(actual, bool) or not isinstance(expected, int | Decimal):
        return bool(expected == actual)
    if not isinstance(actual, int | Decimal):
        return False
    wanted = Decimal(expected)
    rounded = Decimal(actual).quantize(Decimal(1).scaleb(int(wanted.as_tuple().exponent)), ROUND_HALF_UP)
    return rounded == wanted or abs(Decimal(actual) - wanted) <= margin


def _text(value: Any) -> str:
    if value is None:
        return "-"
    return f"{value:f}" if isinstance(value, Decimal) else str(value).lower() if isinstance(value, bool) else str(value)
