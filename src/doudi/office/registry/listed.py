"""Facts that the pack marks `listed` stand as indexed rows beside their subject."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from django.db.models import Q

from doudi.engine.policy.model import Fact
from doudi.engine.values import new_id
from doudi.office.registry.bulk import insert_rows
from doudi.office.registry.models import ListedFact, Person, Subject
from doudi.office.registry.resolution import Json

_COLUMNS = ("id", "area_code", "person_id", "household_id", "name", "value")


def put_listed(subjects: Sequence[Subject], meanings: Mapping[str, Fact], *, new: Collection[UUID] = ()) -> None:
    """Bring the rows of these subjects in line with their resolved facts. new: those that have no rows yet."""
    listed = [name for name, meaning in meanings.items() if meaning.listed and not meaning.sensitive]
    old = [s.pk for s in subjects if s.pk not in new]
    if old:
        ListedFact.objects.filter(Q(person__in=old) | Q(household__in=old)).delete()
    insert_rows(ListedFact, _COLUMNS, [_row(s, n, s.facts[n]) for s in subjects for n in listed if n in s.facts])


def _row(subject: Subject, name: str, value: Json) -> tuple[object, ...]:
    person, household = (subject.pk, None) if isinstance(subject, Person) else (None, subject.pk)
    return new_id(), subject.area_code, person, household, name, str(value)[:64]
