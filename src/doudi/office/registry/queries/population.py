"""Every living-together household of an area with all its facts, sensitive ones opened: what a screening reads.

It goes to the engine and nowhere else: no name, no number, no page.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Q

from doudi.engine.values import AreaCode
from doudi.office.registry.models import Household, Membership, Subject
from doudi.office.registry.queries.households import is_fresh, members_on, resolve_now
from doudi.office.registry.saying import open_resolved

CHUNK = 400  # households


@dataclass(frozen=True, slots=True)
class HeldSubject:
    """facts: name → value as kept (money as text, dates ISO). unknown: asked in vain, or sources differ."""

    id: UUID
    area_code: str
    facts: dict[str, Any]
    unknown: frozenset[str]


@dataclass(frozen=True, slots=True)
class HeldMember(HeldSubject):
    role: str


@dataclass(frozen=True, slots=True)
class HeldHousehold(HeldSubject):
    members: tuple[HeldMember, ...]


def population(area: AreaCode, *, as_of: date) -> Iterator[list[HeldHousehold]]:
    """The households of an area on a day, chunk by chunk, in the order of their area and id."""
    rows = Household.objects.filter(
        Q(dissolved_on__isnull=True) | Q(dissolved_on__gt=as_of),
        Q(started_on__isnull=True) | Q(started_on__lte=as_of),
        kind=Household.Kind.LIVING,
        area_code__gte=area.low,
        area_code__lt=area.high,
    )
    ids = list(rows.order_by("area_code", "id").values_list("id", flat=True))
    for start in range(0, len(ids), CHUNK):
        yield held(ids[start : start + CHUNK], as_of)


def held(ids: Iterable[UUID], as_of: date) -> list[HeldHousehold]:
    """These households as they stand on a day, in the order asked for; those out of scope are left out."""
    wanted = list(ids)
    households: dict[UUID, Household] = {h.pk: h for h in Household.objects.filter(pk__in=wanted)}
    members: defaultdict[UUID, list[Membership]] = defaultdict(list)
    for m in members_on(as_of).filter(household__in=list(households), kind="living").select_related("person"):
        members[m.household_id].append(m)
    people = [m.person for of_one in members.values() for m in of_one]
    facts = _facts([*households.values(), *people], as_of)
    return [_household(households[id], members[id], facts) for id in wanted if id in households]


def _household(
    h: Household, members: list[Membership], facts: dict[UUID, tuple[dict[str, Any], frozenset[str]]]
) -> HeldHousehold:
    people = tuple(
        HeldMember(m.person_id, m.person.area_code, *facts[m.person_id], m.role)
        for m in sorted(members, key=lambda m: str(m.person_id))
    )
    return HeldHousehold(h.pk, h.area_code, *facts[h.pk], people)


def _facts(subjects: list[Any], as_of: date) -> dict[UUID, tuple[dict[str, Any], frozenset[str]]]:
    fresh = [s for s in subjects if is_fresh(s, as_of)]
    kept = {s.pk: _opened(s) for s in fresh}
    stale = [s for s in subjects if s.pk not in kept]
    for subject, resolved in zip(stale, resolve_now(stale, as_of) if stale else [], strict=True):
        closed = resolved.sensitive
        kept[subject.pk] = _merged(resolved.facts, resolved.origins, closed)
    return kept


def _opened(subject: Subject) -> tuple[dict[str, Any], frozenset[str]]:
    return _merged(subject.facts, subject.origins, open_resolved(subject))


def _merged(
    facts: dict[str, Any], origins: dict[str, Any], closed: dict[str, Any]
) -> tuple[dict[str, Any], frozenset[str]]:
    all_facts = {**facts, **closed.get("facts", {})}
    all_origins = {**origins, **closed.get("origins", {})}
    unknown = frozenset(n for n, origin in all_origins.items() if origin.get("why") in ("asked", "differ"))
    return all_facts, unknown
