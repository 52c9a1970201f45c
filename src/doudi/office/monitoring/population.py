"""The registry and the entitlements as the engine sees them: ids, facts, enrolments; no name, no number."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from doudi.engine.policy.lived import lived_between
from doudi.engine.policy.model import Fact, Pack, Scalar
from doudi.engine.screening.household import UNKNOWN, Enrolment, Household, Person
from doudi.engine.values import Money
from doudi.office.cases.models import Entitlement
from doudi.office.registry.queries import HeldHousehold, HeldSubject


def engine_household(held: HeldHousehold, pack: Pack, entitlements: Iterable[Entitlement], as_of: date) -> Household:
    """One household with its members' facts typed as the pack declares them; facts the pack does not know stay out."""
    facts = pack.facts
    members = tuple(str(m.id) for m in held.members)
    return Household(
        str(held.id),
        held.area_code,
        typed(held, facts, "household", as_of),
        tuple(Person(str(m.id), m.role, m.area_code, typed(m, facts, "person", as_of)) for m in held.members),
        tuple(found for e in entitlements for found in enrolments(e, pack, members)),
    )


def typed(held: HeldSubject, facts: Mapping[str, Fact], entity: str, as_of: date) -> dict[str, Scalar]:
    """Values by fact; one that was asked in vain, on which sources differ, or that the pack in use no longer takes is
    explicitly unknown: it asks a question about one household and stops no screening of a county.
    """
    known: dict[str, Scalar] = {
        name: _taken(_scalar(value, facts[name]), facts[name], as_of)
        for name, value in held.facts.items()
        if _of(facts, name, entity)
    }
    return {**known, **{name: UNKNOWN for name in held.unknown if _of(facts, name, entity)}}


def _of(facts: Mapping[str, Fact], name: str, entity: str) -> bool:
    return name in facts and facts[name].entity == entity


def _taken(value: Scalar, fact: Fact, as_of: date) -> Scalar:
    """The value, or UNKNOWN where it lies outside what the pack lets this fact be."""
    if fact.type == "enum":
        return value if value in fact.values else UNKNOWN
    earliest, latest = lived_between(fact, as_of)
    bounds = (earliest or fact.min, latest or fact.max)
    if value is None or isinstance(value, str | bool):
        return value
    is_inside = (bounds[0] is None or value >= bounds[0]) and (bounds[1] is None or value <= bounds[1])  # type: ignore[operator]
    return value if is_inside else UNKNOWN


def _scalar(value: Any, fact: Fact) -> Scalar:
    match fact.type:
        case "money" | "number" | "rate":
            return Decimal(str(value))
        case "date":
            return date.fromisoformat(str(value))
        case "int":
            return int(value)
        case "bool":
            return bool(value)
        case _:
            return str(value)


def enrolments(e: Entitlement, pack: Pack, members: tuple[str, ...]) -> Iterator[Enrolment]:
    """An entitlement as the engine reads it: of whom the pack decides the programme for, whatever the list said.

    members: who is in the household today; those named at the decision who have left it are covered elsewhere.
    """
    programme = pack.programmes.get(e.programme)
    own = str(e.person_id) if e.person_id else ""
    subject = programme.subject if programme else "person" if own else "household"
    named = [own] if own else e.persons
    here = None if named is None else tuple(p for p in named if p in members)
    amount = None if e.amount_fen is None else Money(e.amount_fen).yuan
    said = (e.period, e.starts_on, e.ends_on)
    if subject == "household":
        yield Enrolment(subject, str(e.household_id), e.programme, amount, *said, here)
    elif own:
        yield Enrolment(subject, own, e.programme, amount, *said)
    else:  # of the sum nobody knows whose part is how much
        yield from (Enrolment(subject, p, e.programme, None, *said) for p in (members if here is None else here))
