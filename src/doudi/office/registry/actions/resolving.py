"""Say something of a subject, and bring what is taken as true in line with everything that was said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction

from doudi.engine.values import SHANGHAI
from doudi.office.access.actions import require
from doudi.office.audit.actions import record
from doudi.office.registry.bulk import update
from doudi.office.registry.listed import put_listed
from doudi.office.registry.meanings import meanings_of
from doudi.office.registry.models import Household, Observation, Person, Source, Subject
from doudi.office.registry.queries.facts import in_chunks
from doudi.office.registry.queries.households import resolve_now
from doudi.office.registry.resolution import Json
from doudi.office.registry.saying import RESOLVED, put_resolved, split_facts
from doudi.office.registry.sealing import seal_facts


@transaction.atomic
def observe(
    subject: Person | Household,
    facts: Mapping[str, Json],
    *,
    source: Source,
    observed_on: date,
    by: Any,
    at: datetime,
    valid_to: date | None = None,
    period: str = "",
) -> Observation:
    """Record what one source said of one subject on one day, and resolve the subject anew.

    facts: name → value (money as text with two decimals, dates ISO), or the text `unknown` for asked in vain.
    Raises NotAllowed, OutOfScope.
    """
    require(by, "registry.change", area=subject.area_code)
    list(type(subject).objects.select_for_update().filter(pk=subject.pk))  # an import that speaks of them too waits
    row = Observation(
        area_code=subject.area_code,
        person=subject if isinstance(subject, Person) else None,
        household=subject if isinstance(subject, Household) else None,
        source=source,
        observed_on=observed_on,
        period=period,
        valid_to=valid_to,
        recorded_at=at,
        recorded_by=str(by),
    )
    row.facts, closed = split_facts(facts, meanings_of(subject.area_code, at.astimezone(SHANGHAI).date()))
    row.sensitive = seal_facts("registry_observation", row.pk, closed)
    row.save(force_insert=True)
    rebuild([subject], as_of=at.astimezone(SHANGHAI).date())
    record("registry.observed", subject, by=by, at=at, detail={"source": source.name, "facts": sorted(facts)})
    return row


def rebuild(subjects: Sequence[Subject], *, as_of: date) -> None:
    """Resolve these subjects from their observations and save what follows, in the caller's transaction."""
    for subject, answer in zip(subjects, resolve_now(list(subjects), as_of), strict=True):
        put_resolved(subject, answer, as_of)
    for model in (Person, Household):
        rows = [s for s in subjects if isinstance(s, model)]
        if rows:
            update(model, rows, RESOLVED)
    for area in {s.area_code for s in subjects}:
        put_listed([s for s in subjects if s.area_code == area], meanings_of(area, as_of))


def rebuild_all(*, as_of: date) -> int:
    """Resolve every subject of the scope anew, in short transactions; returns how many there are."""
    n = 0
    for subjects in in_chunks():
        with transaction.atomic():
            rebuild(subjects, as_of=as_of)
        n += len(subjects)
    return n
