"""The trail for those who check it: who did what and why, and whether the chain holds; nothing of a citizen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from doudi.office.access import current_scope
from doudi.office.audit.models import Entry, Seal

PAGE = 50


@dataclass(frozen=True, slots=True)
class Asked:
    """What the reader filters by; empty = everything. day: of the business clock."""

    act: str = ""
    by: str = ""
    day: date | None = None


@dataclass(frozen=True, slots=True)
class TrailLine:
    """One entry; of its detail only the field that was revealed. place: in the chain, None while it waits."""

    id: UUID
    at: datetime
    recorded_at: datetime
    by: str
    role: str
    act: str
    field: str
    subject_kind: str
    subject: str
    purpose: str
    reason: str
    outcome: str
    place: int | None


@dataclass(frozen=True, slots=True)
class TrailPage:
    """lines newest first; next: hand it back for older ones. The three counts come from three queries."""

    lines: Sequence[TrailLine]
    next: str
    n: int
    n_sealed: int
    n_waiting: int
    last_sealed_at: datetime | None


def trail(asked: Asked, *, before: str = "", limit: int = PAGE) -> TrailPage:
    """Entries that the scope may read, newest first, a page at a time."""
    entries = _asked(asked)
    seal = Seal.objects.filter(entry_id=OuterRef("pk"))
    rows = entries.annotate(place=Subquery(seal.values("seq")[:1])).order_by("-id")
    if before:
        rows = rows.filter(id__lt=UUID(before))
    found = list(rows[: limit + 1])
    last = Seal.objects.filter(entry_id__in=entries.values("pk")).order_by("-sealed_at").first()
    return TrailPage(
        lines=[_line(entry) for entry in found[:limit]],
        next=str(found[limit - 1].pk) if len(found) > limit else "",
        n=entries.count(),
        n_sealed=Seal.objects.filter(entry_id__in=entries.values("pk")).count(),
        n_waiting=entries.filter(~Exists(seal)).count(),
        last_sealed_at=last.sealed_at if last else None,
    )


def _asked(asked: Asked) -> QuerySet[Entry]:
    mine = Q(pk__in=[])  # the front wall: the trail is no Scoped table, because everybody writes into it
    for low, high in current_scope().ranges:
        mine |= Q(area_code__gte=low, area_code__lt=high)
    entries = Entry.objects.filter(mine)
    if asked.act:
        entries = entries.filter(act=asked.act)
    if asked.by:
        entries = entries.filter(by=asked.by)
    if asked.day:
        start = datetime.combine(asked.day, time(), timezone.get_default_timezone())
        entries = entries.filter(at__gte=start, at__lt=start + timedelta(days=1))
    return entries


def _line(entry: Entry) -> TrailLine:
    return TrailLine(
        id=entry.pk,
        at=entry.at,
        recorded_at=entry.recorded_at,
        by=entry.by,
        role=entry.role,
        act=entry.act,
        field=str(entry.detail.get("field", "")),
        subject_kind=entry.subject_kind,
        subject=entry.subject_id[-12:],
        purpose=entry.purpose,
        reason=entry.reason,
        outcome=entry.outcome,
        place=getattr(entry, "place", None),
    )
