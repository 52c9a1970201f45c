"""Real villages as the places of a population, and how many people each gets."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from doudi.engine.divisions import Area, children, find
from doudi.engine.words import Fault, Refused

PERSONS_AT_LEAST = 60  # a small population fills few villages instead of leaving three people in each


@dataclass(frozen=True, slots=True)
class Village:
    division: str
    county: str  # six digits
    other_county: str  # 12 digits: where those are registered who come from elsewhere
    rural: bool
    persons: int
    number: int  # from 0, among those that got people


def villages(code: str, persons: int, seed: int) -> list[Village]:
    """Villages under a division with their shares of the people, in the order of their codes; the shares add up.

    Raises Refused when the code is no division of the list or has no villages.
    """
    area = find(code)
    places = list(_below(area)) if area else []
    if not places:
        raise Refused(Fault("synth.division", {"code": code}, "--division"))
    step = max(1, len(places) * PERSONS_AT_LEAST // persons)
    places = places[::step]
    weights = [50 + _number(f"{seed}/{place.code}") % 100 for place in places]
    filled = [(p.code, n) for p, n in zip(places, _shares(persons, weights), strict=True) if n]
    return [
        Village(code, code[:6], _elsewhere(code[:6]), code[9] in "235", n, number)
        for number, (code, n) in enumerate(filled)
    ]


def blocks(places: list[Village], most: int) -> Iterator[list[Village]]:
    """Whole villages in stretches of at most so many persons, a larger village alone."""
    block: list[Village] = []
    for village in places:
        if block and sum(v.persons for v in block) + village.persons > most:
            yield block
            block = []
        block.append(village)
    yield block


def _below(area: Area) -> Iterator[Area]:
    if area.level == 5:
        yield area
        return
    for child in children(area.code, level=area.level):
        yield from _below(child)


@cache
def _elsewhere(county: str) -> str:
    """A neighbouring county: the first other one of its city, else of its province."""
    city, province = county[:4] + "00000000", county[:2] + "0000000000"
    for parent in (city, *(c.code for c in children(province))):
        for area in children(parent, level=2):
            if area.kind == "place" and area.code[:6] != county:
                return area.code
    raise LookupError(county)


def _shares(total: int, weights: list[int]) -> list[int]:
    """Largest remainder: whole numbers that add up to the total."""
    whole = sum(weights)
    shares = [total * w // whole for w in weights]
    by_rest = sorted(range(len(weights)), key=lambda n: (-(total * weights[n] % whole), n))
    for n in by_rest[: total - sum(shares)]:
        shares[n] += 1
    return shares


def _number(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:6])
