"""Take an import back: what its lines said no longer counts, whom it brought lives nowhere, whom it moved is back.

Observations stay where they are, because they were known for a while (`known_at`); a batch that is undone has no voice.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from doudi.engine.values import SHANGHAI
from doudi.office.access.actions import require
from doudi.office.audit.actions import record
from doudi.office.jobs.progress import progress
from doudi.office.registry.actions.imports import NotInState
from doudi.office.registry.actions.resolving import rebuild
from doudi.office.registry.bulk import update
from doudi.office.registry.importers import importers_of
from doudi.office.registry.importing.households import NEVER
from doudi.office.registry.models import Batch, Household, Membership, Observation, Person, RegisterKey, Subject

_CHUNK = 100


def undo(batch: Batch, *, by: Any, at: datetime) -> Batch:
    """Take an accepted import back, in short transactions; goes on where it was interrupted. Twice is harmless.

    Raises NotInState when the batch was never accepted; NotAllowed, OutOfScope.
    """
    require(by, "registry.import", area=batch.area_code)
    with transaction.atomic():
        batch.refresh_from_db()
        if batch.state == Batch.State.UNDONE:
            return batch
        if batch.state not in (Batch.State.ACCEPTED, Batch.State.UNDOING):
            raise NotInState(batch, "accepted")
        if batch.state == Batch.State.ACCEPTED:
            for importer in importers_of(batch.kind):
                importer.undo(batch, at, by)
            batch.state, batch.undone_at, batch.undone_by = Batch.State.UNDOING, at, str(by)
            batch.save(update_fields=["state", "undone_at", "undone_by"])
            RegisterKey.objects.filter(household__batch=batch).delete()
    day = at.astimezone(SHANGHAI).date()
    ids = sorted(_touched(batch))
    for start in range(0, len(ids), _CHUNK):
        with transaction.atomic():
            people = Person.objects.filter(pk__in=ids[start : start + _CHUNK]).order_by("pk")
            _undo_people(batch, list(people.select_for_update()), day)
        progress(start, len(ids))
    _undo_households(batch, day)
    with transaction.atomic():
        batch.state = Batch.State.UNDONE
        batch.save(update_fields=["state"])
        record("registry.file_undone", batch, by=by, at=at, detail={"persons": len(ids)})
    return batch


def _touched(batch: Batch) -> set[UUID]:
    """Everybody of whom the batch said something, whom it brought or moved; the same again after an interruption."""
    said = Observation.objects.filter(batch=batch, person__isnull=False).values_list("person", flat=True)
    named = Q(batch=batch) | Q(ended_by=batch) | Q(renamed_by=batch)
    moved = Membership.objects.filter(named).values_list("person", flat=True)
    return {*said, *moved, *Person.objects.filter(batch=batch).values_list("pk", flat=True)}


def _undo_people(batch: Batch, people: list[Person], day: date) -> None:
    kept = _known_otherwise(batch, people)
    stays = Membership.objects.filter(person__in=people)
    back = {(m.person_id, m.kind): m for m in stays.filter(ended_by=batch).exclude(batch=batch)}
    for stay in stays.filter(batch=batch):
        if (stay.person_id, stay.kind) in back or stay.person_id not in kept:
            stay.delete()
    for stay in back.values():
        stay.ended_on, stay.ended_by = None, None
        stay.save(update_fields=["ended_on", "ended_by"])
        Household.objects.filter(pk=stay.household_id).update(dissolved_on=None)
    stays.filter(renamed_by=batch).update(role=F("role_before"), role_before="", renamed_by=None)
    living = stays.filter(kind=Household.Kind.LIVING, ended_on__isnull=True)
    homes = {m.person_id: m for m in living.select_related("household")}
    for person in people:
        home = homes.get(person.pk)
        person.household, person.role = (home.household, home.role) if home else (None, "")
        person.area_code = home.household.area_code if home else person.area_code
    update(Person, people, ["household_id", "role", "area_code"])
    rebuild(people, as_of=day)


def _known_otherwise(batch: Batch, people: list[Person]) -> set[UUID]:
    """Those of whom another import, a visit or a person has spoken too."""
    others: QuerySet[Observation] = Observation.objects.filter(person__in=people).exclude(batch=batch)
    said = others.filter(Q(batch__isnull=True) | Q(batch__undone_at__isnull=True)).values_list("person", flat=True)
    return {p.pk for p in people if p.batch_id != batch.pk} | set(said)


def _undo_households(batch: Batch, day: date) -> None:
    said = Household.objects.filter(Exists(Observation.objects.filter(household=OuterRef("pk"), batch=batch)))
    ids = sorted(
        {*said.values_list("pk", flat=True), *Household.objects.filter(batch=batch).values_list("pk", flat=True)}
    )
    for start in range(0, len(ids), _CHUNK):
        with transaction.atomic():
            homes: list[Subject] = list(Household.objects.filter(pk__in=ids[start : start + _CHUNK]))
            lived_in = Membership.objects.filter(household__in=homes, ended_on__isnull=True).values_list("household")
            empty = Household.objects.filter(pk__in=[h.pk for h in homes], dissolved_on__isnull=True)
            empty.exclude(pk__in=lived_in).update(dissolved_on=NEVER)
            rebuild(homes, as_of=day)
