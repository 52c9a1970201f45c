from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from doudi.office.audit.keys import subject_key
from doudi.office.audit.models import Entry


def history_of(subject: Any) -> QuerySet[Entry]:
    """All entries about one subject (a model instance or (kind, id)), newest first, as far as the scope reads."""
    kind, subject_id = subject_key(subject)
    return Entry.objects.filter(subject_kind=kind, subject_id=subject_id).order_by("-recorded_at", "-id")
