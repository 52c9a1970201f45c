from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Exists, Min, OuterRef, QuerySet

from doudi.office.audit.keys import first_id_at, subject_key
from doudi.office.audit.models import Entry, Seal

_LOOK_BACK = timedelta(hours=1)


def history_of(subject: Any) -> QuerySet[Entry]:
    """All entries about one subject (a model instance or (kind, id)), newest first, as far as the scope reads."""
    kind, subject_id = subject_key(subject)
    return Entry.objects.filter(subject_kind=kind, subject_id=subject_id).order_by("-recorded_at", "-id")


def seal_lag() -> float:
    """Seconds the oldest entry of the last hour waits for its seal, in all areas; 0 when all are sealed."""
    now = datetime.now(UTC)
    young = Entry.objects.filter(id__gte=first_id_at(now - _LOOK_BACK))
    waiting = young.filter(~Exists(Seal.objects.filter(entry_id=OuterRef("id"))))
    oldest = waiting.aggregate(at=Min("recorded_at"))["at"]
    return (now - oldest).total_seconds() if oldest else 0.0
