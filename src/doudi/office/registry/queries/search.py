"""People by name, pinyin, number, last four digits, phone or village, inside the scope; masked, a page at a time.

Indexes serve it by ranges, so the first letters must be right; a village narrows it (`龚湾村 梅`). A number is found by
its blind index and never compared as text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Q

from doudi.engine import divisions
from doudi.engine.linkage import name_key, readings_typed
from doudi.engine.values import BadIdNumber, IdNumber
from doudi.office.access.sealing import masked, normalised
from doudi.office.registry.models import Area, Person
from doudi.office.registry.sealing import last_four_index, number_index, phone_index

PAGE = 20
_LETTERS = re.compile("[A-Za-z]+")
_AFTER = "\U0010ffff"  # above every text with the prefix


@dataclass(frozen=True, slots=True)
class PersonLine:
    """One hit; number is masked (`341**************1`), empty when there is none."""

    id: UUID
    household_id: UUID | None
    name: str
    role: str
    area_code: str
    area: str
    birth_year: int | None
    number: str = ""


@dataclass(frozen=True, slots=True)
class SearchPage:
    """items in order of reading; next: hand it back to get the following page, empty at the end."""

    items: tuple[PersonLine, ...]
    next: str = ""


def search(text: str, *, after: str = "", limit: int = PAGE) -> SearchPage:
    """People matching every word of the text: a name, its reading (parted or not) or initials, a whole identity
    number, its last four characters, a telephone number, a village or township.

    Each word narrows. An empty text finds nobody.
    """
    words = _words(text)[:4]
    if not words:
        return SearchPage(())
    wanted = Q()
    for word in words:
        wanted &= _by(word)
    rows = Person.objects.filter(wanted, household__isnull=False).order_by("reading", "id")
    if after:
        reading, _, last = after.rpartition("|")
        rows = rows.filter(Q(reading__gt=reading) | Q(reading=reading, id__gt=UUID(last)))
    found: Sequence[Person] = list(rows[: limit + 1])
    more = f"{found[limit - 1].reading}|{found[limit - 1].pk}" if len(found) > limit else ""
    return SearchPage(tuple(_line(p) for p in found[:limit]), more)


def _words(text: str) -> list[str]:
    """Words parted by blanks; words of letters that follow one another are one reading: jia shou tian."""
    words: list[str] = []
    for word in text.split():
        if words and _LETTERS.fullmatch(word) and _LETTERS.fullmatch(words[-1]):
            words[-1] += word
        else:
            words.append(word)
    return words


def _by(word: str) -> Q:
    digits = normalised(word)
    if re.fullmatch(r"\d{15}|\d{17}[\dX]", digits):
        return Q(number_index=number_index(_whole(digits)))
    if re.fullmatch(r"1\d{10}", digits):
        return Q(phone_index=phone_index(digits))
    if re.fullmatch(r"\d{3}[\dX]", digits):
        return Q(last_four_index=last_four_index(digits))
    if _LETTERS.fullmatch(word):
        letters = word.lower()
        wanted = _starts("initials", letters) | _starts("reading", letters)
        for reading in readings_typed(letters):
            wanted |= _starts("reading", reading)
        return wanted
    named = _starts("name_key", name_key(word))
    for area in Area.objects.filter(name__startswith=word, level__gte=4)[:200]:
        code = area.code if area.level == 5 else area.code[:9]
        named |= Q(area_code__gte=code, area_code__lt=code + ":")
    return named


def _whole(digits: str) -> str:
    try:
        return IdNumber.parse(digits).number
    except BadIdNumber:
        return digits


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
        masked(person, "number"),
    )
