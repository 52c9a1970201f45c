"""The trail. Keys are text, so that an entry never blocks a deletion; rows are only ever added.

The walls read `append_only`, `anybody_adds` and `scope_column`: everybody may add, only the scope of the area may read.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC
from typing import Any, ClassVar

from django.db import models

from doudi.engine.values import new_id


class Entry(models.Model):
    """One act: who did what to which subject, when (business and real instant), where from, why, with what outcome.

    area_code: the division it happened in (12 digits, zeros = the whole installation); county: the chain it is sealed
    in. subject_kind: a model's label (`registry.household`) or a plain word. detail carries no personal data.
    """

    append_only = anybody_adds = True
    scope_column = "area_code"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    area_code = models.CharField(max_length=12)
    county = models.CharField(max_length=12)
    at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    act = models.CharField(max_length=80)
    subject_kind = models.CharField(max_length=80)
    subject_id = models.CharField(max_length=64)
    by_kind = models.CharField(max_length=8)
    by_id = models.CharField(max_length=64, blank=True)
    by = models.CharField(max_length=150)
    role = models.CharField(max_length=40, blank=True)
    origin = models.CharField(max_length=80, blank=True)
    purpose = models.CharField(max_length=80, blank=True)
    reason = models.CharField(max_length=1000, blank=True)
    outcome = models.CharField(max_length=40)
    detail = models.JSONField(default=dict)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["area_code", "-id"], name="audit_by_area"),
            models.Index(fields=["subject_kind", "subject_id", "-id"], name="audit_by_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.act} {self.subject_kind}/{self.subject_id} by {self.by}"

    def body(self) -> dict[str, Any]:
        """Everything the entry says, as JSON values; this is what the chain seals."""
        return body_of([getattr(self, name) for name in BODY])


# Every column of an entry: what is not sealed could be changed unseen (a test holds this complete).
BODY = [
    "id",
    "area_code",
    "county",
    "at",
    "recorded_at",
    "act",
    "subject_kind",
    "subject_id",
    "by_kind",
    "by_id",
    "by",
    "role",
    "origin",
    "purpose",
    "reason",
    "outcome",
    "detail",
]


def body_of(values: Sequence[Any]) -> dict[str, Any]:
    """The sealed content of an entry, from the values of BODY in its order."""
    body = dict(zip(BODY, values, strict=True))
    body["id"] = str(body["id"])
    for name in ("at", "recorded_at"):
        body[name] = body[name].astimezone(UTC).isoformat(timespec="microseconds")
    return body


class Seal(models.Model):
    """The place of one entry in its county's chain; digest and hash as in `chain`."""

    append_only = True

    entry_id = models.UUIDField(primary_key=True)
    county = models.CharField(max_length=12)
    seq = models.PositiveBigIntegerField()
    digest = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)
    sealed_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["county", "seq"], name="audit_no_fork")]

    def __str__(self) -> str:
        return f"{self.county} #{self.seq}"
