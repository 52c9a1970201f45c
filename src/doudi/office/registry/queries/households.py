"""One household as it stood on a day: who lived there, and what was known of each, from which source, since when."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from doudi.engine.divisions import find
from doudi.office.access import OutOfScope
from doudi.office.access.once import once
from doudi.office.access.sealing import masked
from doudi.office.registry.meanings import meanings_of
from doudi.office.registry.models import Household, Membership, Observation, Subject
from doudi.office.registry.resolution import Json, Resolved, resolve
from doudi.office.registry.saying import open_resolved, said_by, source_kinds


@dataclass(frozen=True, slots=True)
class FactView:
    """One fact with its source and day. value None: unknown, and why: asked, lapsed, differ (then `words`) or sealed.

    value: money as text with two decimals, dates ISO. words: what each source said: (value, source, day).
    """

    name: str
    value: Json | None
    source: str = ""
    on: date | None = None
    to: date | None = None
    why: str = ""
    words: tuple[tuple[Json, str, date], ...] = ()
    sensitive: bool = False


@dataclass(frozen=True, slots=True)
class MemberView:
    """number, phone: masked, empty when the office holds none. has_sensitive: there are facts only a reveal shows."""

    id: UUID
    name: str
    role: str
    facts: dict[str, FactView] = field(default_factory=dict)
    number: str = ""
    phone: str = ""
    has_sensitive: bool = False

    @property
    def birth(self) -> date | None:
        found = self.facts.get("birth_date")
        return date.fromisoformat(str(found.value)) if found and found.value else None

    @property
    def is_deceased(self) -> bool:
        return self._value("is_deceased") is True

    @property
    def died_on(self) -> date | None:
        found = self._value("died_on")
        return date.fromisoformat(str(found)) if found else None

    @property
    def lives_here(self) -> bool | None:
        """None while nobody said."""
        found = self._value("lives_here")
        return found if isinstance(found, bool) else None

    def _value(self, name: str) -> Json | None:
        found = self.facts.get(name)
        return found.value if found else None

    @property
    def sex(self) -> str:
        """M, F or empty."""
        found = self.facts.get("sex")
        return str(found.value) if found and found.value else ""


@dataclass(frozen=True, slots=True)
class HouseholdView:
    """members: the head first, then by age. area: full name of the responsible division on the day."""

    id: UUID
    kind: str
    area_code: str
    area: str
    address: str
    as_of: date
    head_name: str
    members: tuple[MemberView, ...]
    facts: dict[str, FactView]
    dissolved_on: date | None = None
    came_from: UUID | None = None


@once
def household(id: UUID | str, *, as_of: date, known_at: datetime | None = None) -> HouseholdView:
    """The household as it stood at the end of as_of; known_at: with what the office knew at that instant.

    Sensitive facts come without their values (`why` is `sealed`). Raises OutOfScope when it is not there, or not yours.
    """
    found = Household.objects.select_related("head").filter(pk=id).first()
    if found is None:
        raise OutOfScope("household")
    memberships = list(members_on(as_of).filter(household=found).select_related("person"))
    answers = _answers([found, *(m.person for m in memberships)], as_of, known_at)
    members = [_member(m, answers[m.person_id]) for m in memberships]
    members.sort(key=lambda m: (m.role != "head", m.birth or date.max, m.name))
    area = find(found.area_code, as_of) or find(found.area_code)
    return HouseholdView(
        id=found.pk,
        kind=found.kind,
        area_code=found.area_code,
        area=area.full_name if area else found.area_code,
        address=found.address,
        as_of=as_of,
        head_name=found.head.name if found.head else (members[0].name if members else ""),
        members=tuple(members),
        facts=answers[found.pk],
        dissolved_on=found.dissolved_on,
        came_from=found.came_from_id,
    )


def _member(m: Membership, facts: dict[str, FactView]) -> MemberView:
    p = m.person
    return MemberView(p.pk, p.name, m.role, facts, masked(p, "number"), masked(p, "phone"), bool(p.sensitive))


def members_on(day: date) -> QuerySet[Membership]:
    """Memberships that hold on a day; one that does not say since when has held since before we knew."""
    rows: QuerySet[Membership] = Membership.objects.filter(
        Q(started_on__isnull=True) | Q(started_on__lte=day), Q(ended_on__isnull=True) | Q(ended_on__gte=day)
    )
    return rows


def is_fresh(subject: Subject, as_of: date) -> bool:
    """Do the resolved facts kept beside the subject hold for that day?"""
    return (
        subject.resolved_on is not None
        and subject.resolved_on <= as_of
        and (subject.stale_on is None or as_of < subject.stale_on)
    )


def _answers(subjects: list[Subject], as_of: date, known_at: datetime | None) -> dict[UUID, dict[str, FactView]]:
    fresh = [s for s in subjects if known_at is None and is_fresh(s, as_of)]
    kept = {s.pk: views(s.facts, s.origins, open_resolved(s)) for s in fresh}
    anew = [s for s in subjects if s.pk not in kept]
    if anew:
        resolved = resolve_now(anew, as_of, known_at)
        kept.update((s.pk, views(r.facts, r.origins, r.sensitive)) for s, r in zip(anew, resolved, strict=True))
    return kept


def resolve_now(subjects: list[Subject], as_of: date, known_at: datetime | None = None) -> list[Resolved]:
    """Resolve from the observations themselves, in the order of the subjects; two queries however many they are."""
    said: defaultdict[UUID, list[Observation]] = defaultdict(list)
    ids = [s.pk for s in subjects]
    for row in Observation.objects.filter(Q(person__in=ids) | Q(household__in=ids)).select_related("batch"):
        said[row.person_id or row.household_id].append(row)
    kinds = source_kinds()
    meanings = {area: meanings_of(area, as_of) for area in {s.area_code for s in subjects}}
    return [resolve(said_by(said[s.pk], known_at), meanings[s.area_code], kinds, as_of) for s in subjects]


def views(
    facts: Mapping[str, Json], origins: Mapping[str, Any], sensitive: Mapping[str, Any] | None = None
) -> dict[str, FactView]:
    """Facts as kept, each with its origin; sensitive ones by name and origin only."""
    shown = {name: _view(name, facts.get(name), origin) for name, origin in origins.items()}
    for name in _names(sensitive):
        shown[name] = FactView(name, None, why="sealed", sensitive=True)
    return shown


def _names(sensitive: Mapping[str, Any] | None) -> Iterable[str]:
    return sensitive["origins"] if sensitive else ()


def _view(name: str, value: Json | None, origin: Mapping[str, Any]) -> FactView:
    words = tuple((v, source, date.fromisoformat(on)) for v, source, on in origin.get("words", ()))
    to = origin.get("to")
    return FactView(
        name,
        value,
        origin["source"],
        date.fromisoformat(origin["on"]),
        date.fromisoformat(to) if to else None,
        origin.get("why", ""),
        words,
    )
