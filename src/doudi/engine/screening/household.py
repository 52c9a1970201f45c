"""One household as the screening sees it: no name, no number, only ids, facts and enrolments."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from doudi.engine.policy.model import Scalar

UNKNOWN = "unknown"  # the text that makes a presumed fact or a computed variable unknown


@dataclass(frozen=True, slots=True)
class Person:
    """facts: fact (or variable, as an override) → value; a missing key is unknown or presumed, UNKNOWN is unknown."""

    id: str
    role: str
    division: str
    facts: dict[str, Scalar] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Enrolment:
    subject_type: str  # person or household
    subject_id: str
    programme: str
    amount: Decimal | None
    period: str = "month"
    starts_on: date | None = None
    ends_on: date | None = None
    persons: tuple[str, ...] | None = None  # as decided; None = every member


@dataclass(frozen=True, slots=True)
class Household:
    id: str
    division: str
    facts: dict[str, Scalar] = field(default_factory=dict)
    persons: tuple[Person, ...] = ()
    enrolments: tuple[Enrolment, ...] = ()
