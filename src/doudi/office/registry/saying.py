"""Observation rows as the words that resolution reads, and what was resolved as columns of the subject."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from doudi.engine.policy.model import Fact
from doudi.office.registry.models import Observation, Source, Subject
from doudi.office.registry.resolution import Json, Resolved, Said
from doudi.office.registry.sealing import open_facts, seal_facts


def source_kinds() -> dict[str, str]:
    """Source name → department, visit or declared."""
    return dict(Source.objects.values_list("name", "kind"))


def said_by(rows: Iterable[Observation], known_at: datetime | None = None) -> list[Said]:
    """The words that count: of batches not undone; with known_at, what the office knew at that instant.

    Rows come with their batch.
    """
    return [said(row) for row in rows if _counts(row, known_at)]


def _counts(row: Observation, known_at: datetime | None) -> bool:
    undone_at = row.batch.undone_at if row.batch else None
    if known_at is None:
        return undone_at is None
    return row.recorded_at <= known_at and (undone_at is None or undone_at > known_at)


def said(row: Observation) -> Said:
    facts = row.facts
    if row.sensitive:
        facts = facts | open_facts("registry_observation", row.id, row.sensitive)
    return Said(facts, row.source_id, row.observed_on, row.recorded_at, str(row.id), row.period, row.valid_to)


def split_facts(facts: Mapping[str, Json], meanings: Mapping[str, Fact]) -> tuple[dict[str, Json], dict[str, Json]]:
    """(plain, sensitive) facts of one observation; the latter are to be sealed."""
    closed = {n: v for n, v in facts.items() if (m := meanings.get(n)) is not None and m.sensitive}
    return {n: v for n, v in facts.items() if n not in closed}, closed


def put_resolved(subject: Subject, resolved: Resolved, as_of: date) -> None:
    """Write what follows into the subject's columns; the caller saves them."""
    subject.facts, subject.origins = resolved.facts, resolved.origins
    subject.sensitive = seal_facts(subject._meta.db_table, subject.id, resolved.sensitive)
    subject.resolved_on, subject.stale_on = as_of, resolved.stale_on


RESOLVED = ["facts", "origins", "sensitive", "resolved_on", "stale_on"]


def resolved_in(subject: Subject) -> Resolved:
    """What is kept beside the subject, sensitive facts opened."""
    opened = open_resolved(subject)
    return Resolved(subject.facts, subject.origins, opened, subject.stale_on)


def open_resolved(subject: Subject) -> dict[str, dict[str, Any]]:
    """The sensitive facts kept beside the subject, opened: {facts, origins}, or nothing."""
    return open_facts(subject._meta.db_table, subject.id, subject.sensitive)
