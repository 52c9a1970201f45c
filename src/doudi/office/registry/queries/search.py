"""People by name, pinyin, initials, or village, inside the scope; masked, a page at a time.

Indexes serve it by ranges, so the first letters must be right; a village narrows it (`龚湾村 梅`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Q

from doudi.engine import divisions
from doudi.engine.linkage import name_key
from doudi.office.registry.models import Area, Person

PAGE = 20
_AFTER = "\U0010ffff"  # above every text with the prefix


@dataclass(frozen=True, slots=True)
class PersonLine:
    """One hit, without anything sealed."""

    id: UUID
    household_id: UUID | None
    name: str
    role: str
    area_code: str
    area: str
    birth_year: int | None


@dataclass(frozen=True, slots=True)
class SearchPage:
    """items in order of reading; next: hand it back to get the following page, empty at the end."""

    items: tuple[PersonLine, ...]
    next: str = ""


def search(text: str, *, after: str = "", limit: int = PAGE) -> SearchPage:
    """People matching every word of the text: a name, its reading or initials, or a village or township.

    Each word narrows. An empty text finds nobody.
    """
    words = text.split()[:4]
    if not words:
        return SearchPage(())
    wanted = Q()
    for word in words:
        wanted &= _by(word)
    rows = Person.objects.filter(wanted).order_by("reading", "id")
    if after:
        reading, _, last = after.rpartition("|")
        rows = rows.filter(Q(reading__gt=reading) | Q(reading=reading, id__gt=UUID(last)))
    found: Sequence[Person] = list(rows[: limit + 1])
    more = f"{found[limit - 1].reading}|{found[limit - 1].pk}" if len(found) > limit else ""
    return SearchPage(tuple(_line(p) for p in found[:limit]), more)


def _by(word: str) -> Q:
    if re.fullmatch(r"[A-Za-z]+", word):
        letters = word.lower()
        return _starts("initials", letters) | _starts("reading", letters)
    named = _starts("name_key", name_key(word))
    for area in Area.objects.filter(name__startswith=word, level__gte=4)[:200]:
        code = area.code if area.level == 5 else area.code[:9]
        named |= Q(area_code__gte=code, area_code__lt=code + ":")
    return named


def _starts(column: str, prefix: str) -> Q:
    return Q(**{f"{column}__gte": prefix, f"{column}__lt": prefix + _AFTER})


def _line(person: Person) -> PersonLine:
    area = divisions.find(person.area_code)
    birth = person.facts.get("birth_date")
    return PersonLine(
        person.pk,
        person.household_id,
        person.name,
        person.role,
        person.area_code,
        area.full_name if area else person.area_code,
        date.fromisoformat(birth).year if birth else None,
    )
