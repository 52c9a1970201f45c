"""Facts that the pack marks `listed` stand as indexed rows beside their subject."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from uuid import UUID

from django.db.models import QuerySet

from doudi.engine.policy.model import Fact
from doudi.engine.values import new_id
from doudi.office.registry.bulk import to_insert_rows
from doudi.office.registry.models import ListedFact, Person, Subject
from doudi.office.registry.resolution import Json

_COLUMNS = ("id", "area_code", "person_id", "household_id", "name", "value")


def put_listed(subjects: Sequence[Subject], meanings: Mapping[str, Fact]) -> None:
    """Bring the rows of these subjects in line with their resolved facts."""
    for write in listed_writes(subjects, listed_of([s.id for s in subjects]), meanings):
        write()


def listed_of(
    ids: Collection[UUID], ask: Callable[[QuerySet[ListedFact]], list[ListedFact]] = list
) -> list[ListedFact]:
    """The rows these subjects have now. ask: who puts the question to the database."""
    if not ids:
        return []
    of_households = ask(ListedFact.objects.filter(household__in=ids))
    return [*ask(ListedFact.objects.filter(person__in=ids)), *of_households]


def listed_writes(
    subjects: Sequence[Subject], held: Sequence[ListedFact], meanings: Mapping[str, Fact]
) -> list[Callable[[], object]]:
    """What is to be written, prepared: rows of theirs that say something else go, then missing ones come."""
    listed = [name for name, meaning in meanings.items() if meaning.listed and not meaning.sensitive]
    wanted = {(s.id, n): _row(s, n, s.facts[n]) for s in subjects for n in listed if n in s.facts}
    gone = []
    for row in held:
        key = (row.person_id or row.household_id, row.name)
        if key in wanted and wanted[key][1:] == _columns(row):
            del wanted[key]
        else:
            gone.append(row.id)
    delete = [ListedFact.objects.filter(pk__in=gone).delete] if gone else []
    return [*delete, to_insert_rows(ListedFact, _COLUMNS, list(wanted.values())).run]


def _columns(row: ListedFact) -> tuple[object, ...]:
    return row.area_code, row.person_id, row.household_id, row.name, row.value


def _row(subject: Subject, name: str, value: Json) -> tuple[object, ...]:
    person, household = (subject.id, None) if isinstance(subject, Person) else (None, subject.id)
    return new_id(), subject.area_code, person, household, name, str(value)[:64]
