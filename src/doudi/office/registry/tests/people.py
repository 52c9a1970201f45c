"""Two households of the cast, made by hand: only what a sentence under test needs."""

from __future__ import annotations

from datetime import UTC, date, datetime

from doudi.engine.linkage import initials, name_key, reading
from doudi.office.registry.models import Household, Identity, Membership, Observation, Person, Source

VILLAGE, OTHER_VILLAGE, OTHER_COUNTY = "341503203204", "341503203210", "520502001001"
AT = datetime(2020, 7, 16, 8, tzinfo=UTC)


def source(name: str, kind: str = "visit") -> Source:
    return Source.objects.get_or_create(name=name, defaults={"kind": kind, "label_zh": name, "label_en": name})[0]


def home(area: str = VILLAGE) -> Household:
    return Household.objects.create(area_code=area)


def person(name: str, household: Household, role: str = "head") -> Person:
    made = Person.objects.create(
        identity=Identity.objects.create(),
        area_code=household.area_code,
        county_code=household.area_code[:6] + "000000",
        name=name,
        name_key=name_key(name),
        reading=reading(name),
        initials=initials(name),
        household=household,
        role=role,
    )
    Membership.objects.create(area_code=household.area_code, person=made, household=household, role=role)
    return made


def observe(
    subject: Person | Household, on: str, by: str = "household_visit", **facts: str | int | bool
) -> Observation:
    whose = {"person": subject} if isinstance(subject, Person) else {"household": subject}
    return Observation.objects.create(
        area_code=subject.area_code,
        facts=facts,
        source=source(by),
        observed_on=date.fromisoformat(on),
        recorded_at=AT,
        recorded_by="test",
        **whose,
    )
