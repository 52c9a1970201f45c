"""Text keys of subjects and actors (the trail holds no foreign key), and ids by time."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Model


def subject_key(subject: Any) -> tuple[str, str]:
    """The text key of a model instance or of a pair (kind, id)."""
    if isinstance(subject, Model):
        return subject._meta.label_lower, str(subject.pk)
    kind, subject_id = subject
    return str(kind), str(subject_id)


def actor_key(by: Any) -> tuple[str, str, str]:
    """(kind, id, name) of a user or of a system job given by name."""
    if isinstance(by, str):
        return "job", "", by
    return "user", str(by.pk), str(by.get_username())


def first_id_at(instant: datetime) -> UUID:
    """The smallest UUIDv7 of a real instant."""
    return UUID(int=int(instant.timestamp() * 1000) << 80)
