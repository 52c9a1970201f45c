"""What a reveal of `access` needs and gives: the person whose sealed column is opened, and sealed facts as facts."""

from __future__ import annotations

import json
from uuid import UUID

from doudi.office.access import OutOfScope
from doudi.office.registry.models import Person
from doudi.office.registry.queries.households import FactView, views


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
