"""What a page may show of sealed columns: numbers masked, facts not at all. The whole is a reveal of `access`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from uuid import UUID

from doudi.office.access import OutOfScope
from doudi.office.access.sealing import masked
from doudi.office.registry.models import Person
from doudi.office.registry.queries.households import FactView, views


@dataclass(frozen=True, slots=True)
class Contact:
    """Masked identity number and phone, empty when the office holds none; sensitive: are there sealed facts."""

    number: str
    phone: str
    sensitive: bool = False


def contacts(persons: list[UUID]) -> dict[UUID, Contact]:
    """By person, of those in the scope."""
    rows = Person.objects.filter(pk__in=persons).only("number", "phone", "sensitive", "area_code")
    return {row.pk: Contact(masked(row, "number"), masked(row, "phone"), bool(row.sensitive)) for row in rows}


def opened_facts(text: str) -> dict[str, FactView]:
    """Sensitive facts as a reveal gives them."""
    kept = json.loads(text) if text else {"facts": {}, "origins": {}}
    return views(kept["facts"], kept["origins"])


def person(id: UUID) -> Person:
    """The person, when it is there and yours. Raises OutOfScope."""
    found: Person | None = Person.objects.filter(pk=id).first()
    if found is None:
        raise OutOfScope("person")
    return found
