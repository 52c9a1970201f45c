"""People by name, pinyin, number, last four digits, phone or village, inside the scope; masked, a page at a time.

Indexes serve it by ranges: of a name from its first, second or third character on, of a reading from its first letter;
a village narrows it (`龚湾村 梅`). A number is found by its blind index and never compared as text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Q, QuerySet

from doudi.engine import divisions
from doudi.engine.linkage import name_key, readings_typed
from doudi.engine.values import BadIdNumber, IdNumber
from doudi.office.access.sealing import masked, normalised
from doudi.office.registry.models import Area, Person
from doudi.office.registry.queries.prefixes import starts
from doudi.office.registry.sealing import last_four_index, number_index, phone_index

PAGE = 20
COUNTED = 1000  # nobody reads further; a surname alone finds a tenth of a county
_LETTERS = re.compile("[A-Za-z]+")


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
    """items in order of reading; next: hand it back to get the following page, empty at the end.

    n: everybody found; n_elsewhere: of them on other pages, counted by themselves; both stop at COUNTED.
    """

    items: tuple[PersonLine, ...]
    next: str = ""
    n: int = 0
    n_elsewhere: int = 0


def search(text: str, *, after: str = "", limit: int = PAGE) -> SearchPage:
    """People matching every word of the text: a name or its given part (two characters or more), its reading (parted
    or not) or initials, a whole identity number, its last four characters, a telephone number, a village or township.

    Each word narrows; a name may also be typed with blanks inside. An empty text finds nobody.
    """
    words = _words(text)[:4]
    if not words:
        return SearchPage(())
    everybody = _matching(words)
    rows = everybody.filter(~_until(after)) if after else everybody
    found: Sequence[Person] = list(rows.order_by("reading", "id")[: limit + 1])
    more = f"{found[limit - 1].reading}|{found[limit - 1].pk}" if len(found) > limit else ""
    elsewhere = (everybody.filter(_until(after)) if after else None, rows.filter(~_until(more)) if more else None)
    n_elsewhere = min(COUNTED, sum(_n(some) for some in elsewhere if some is not None))
    return SearchPage(tuple(_line(p) for p in found[:limit]), more, _n(everybody), n_elsewhere)


def _until(mark: str) -> Q:
    """Everybody up to the last person of a page."""
    reading, _, last = mark.rpartition("|")
    return Q(reading__lt=reading) | Q(reading=reading, id__lte=UUID(last))


def _n(rows: QuerySet[Person]) -> int:
    return rows.values("pk")[:COUNTED].count()


def _words(text: str) -> list[str]:
    """Words parted by blanks; words of letters that follow one another are one reading: jia shou tian."""
    words: list[str] = []
    for word in text.split():
        if words and _LETTERS.fullmatch(word) and _LETTERS.fullmatch(words[-1]):
            words[-1] += word
        else:
            words.append(word)
    return words


def _matching(words: list[str]) -> QuerySet[Person]:
    wanted = Q()
    for word in words:
        wanted &= _by(word)
    if len(words) == 1 or not all(word.isalpha() and not _LETTERS.fullmatch(word) for word in words):
        return Person.objects.filter(wanted, household__isnull=False)
    # 甄水 生 is one name, 龚湾村 梅 a place and a name: two searches, since one of both would be served by no index.
    both = [Person.objects.filter(each).values("pk") for each in (_named("".join(words)), wanted)]
    return Person.objects.filter(Q(pk__in=both[0]) | Q(pk__in=both[1]), household__isnull=False)


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
        wanted = starts("initials", letters) | starts("reading", letters)
        for reading in readings_typed(letters):
            wanted |= starts("reading", reading)
        return wanted
    named = _named(word)
    for area in Area.objects.filter(name__startswith=word, level__gte=4)[:200]:
        code = area.code if area.level == 5 else area.code[:9]
        named |= starts("area_code", code)
    return named


def _named(word: str) -> Q:
    """A name from its first character on; by two characters or more also from its second or third."""
    key = name_key(word)
    named = starts("name_key", key)
    return named | starts("key_from_2", key) | starts("key_from_3", key) if len(key) > 1 else named


def _whole(digits: str) -> str:
    try:
        return IdNumber.parse(digits).number
    except BadIdNumber:
        return digits


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
