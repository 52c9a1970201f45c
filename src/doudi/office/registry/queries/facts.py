"""Is what we take as true still what everything said makes of it? Resolves every subject again and compares."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from doudi.office.registry.models import Household, Person, Subject
from doudi.office.registry.queries.households import resolve_now
from doudi.office.registry.resolution import Resolved
from doudi.office.registry.saying import resolved_in

_CHUNK = 200


@dataclass(frozen=True, slots=True)
class FactsProof:
    """How many subjects were resolved again, and those that differ from what is kept: (kind, id)."""

    subjects: int
    differing: tuple[tuple[str, UUID], ...]

    @property
    def ok(self) -> bool:
        return not self.differing


def prove_facts(*, as_of: date) -> FactsProof:
    """Resolve every subject of the scope again on the day it was last resolved (as_of where it never was)."""
    n, wrong = 0, []
    for subjects in in_chunks():
        n += len(subjects)
        for day in {s.resolved_on or as_of for s in subjects}:
            group = [s for s in subjects if (s.resolved_on or as_of) == day]
            wrong += [s for s, r in zip(group, resolve_now(group, day), strict=True) if not _holds(s, r)]
    return FactsProof(n, tuple((s._meta.model_name or "", s.pk) for s in wrong))


def _holds(subject: Subject, answer: Resolved) -> bool:
    kept = resolved_in(subject)
    return (kept.facts, kept.origins, kept.sensitive) == (answer.facts, answer.origins, answer.sensitive)


def in_chunks() -> Iterator[list[Subject]]:
    """Every person and household of the scope, a few hundred at a time, in the order of their keys."""
    for model in (Person, Household):
        last: UUID | None = None
        while chunk := _after(model, last):
            yield chunk
            last = chunk[-1].pk


def _after(model: type[Person] | type[Household], last: UUID | None) -> list[Subject]:
    rows = model.objects.order_by("pk")
    return list((rows.filter(pk__gt=last) if last else rows)[:_CHUNK])
