"""Observation rows as the words that resolution reads."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from doudi.office.registry.models import Observation, Source
from doudi.office.registry.resolution import Said


def source_kinds() -> dict[str, str]:
    """Source name → department, visit or declared."""
    return dict(Source.objects.values_list("name", "kind"))


def said_by(rows: Iterable[Observation], known_at: datetime | None = None) -> list[Said]:
    """The words that count: of batches not undone; with known_at, what the office knew at that instant.

    Rows come with their batch.
    """
    return [_said(row) for row in rows if _counts(row, known_at)]


def _counts(row: Observation, known_at: datetime | None) -> bool:
    undone_at = row.batch.undone_at if row.batch else None
    if known_at is None:
        return undone_at is None
    return row.recorded_at <= known_at and (undone_at is None or undone_at > known_at)


def _said(row: Observation) -> Said:
    return Said(row.facts, row.source_id, row.observed_on, row.recorded_at, str(row.pk), row.period, row.valid_to)
