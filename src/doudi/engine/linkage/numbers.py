"""Repair of a broken identity number, directed by its check digit.

The weighted sum of the eighteen characters is 1 modulo 11 (GB 11643-1999) and linear in each of them: at each place at
most one other digit mends the number, and a swap of neighbours either mends it or does not. About fifteen candidates
follow from one broken number, so that a plain equality finds the person. A candidate is a question, never an answer.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Literal, NamedTuple

from doudi.engine.values import BadIdNumber, IdNumber

_WEIGHTS = tuple(pow(2, 17 - place, 11) for place in range(18))
_INVERSE = {weight: pow(weight, -1, 11) for weight in range(1, 11)}


class Repair(NamedTuple):
    """A right number that one slip turns into the one written."""

    number: str
    slip: Literal["swap", "digit"]


def repairs(text: str) -> tuple[Repair, ...]:
    """Every right number one slip away from an 18-character text whose check digit fails; none for any other text.

    Slips: two neighbours swapped, one digit wrong (the last character among them). Dates of birth must exist.
    """
    plain = "".join(unicodedata.normalize("NFKC", text).upper().split())
    try:
        IdNumber.parse(plain)
        return ()
    except BadIdNumber as bad:
        if bad.code not in ("check_digit", "birth"):
            return ()
    if len(plain) != 18:
        return ()
    digits = [10 if c == "X" else int(c) for c in plain]
    found = {number: Repair(number, "digit") for number in _one_digit(digits)}
    found.update((number, Repair(number, "swap")) for number in _swaps(digits))
    return tuple(repair for number, repair in sorted(found.items()) if _is_number(number))


def _excess(digits: list[int]) -> int:
    """What the weighted sum lacks to be 1 modulo 11."""
    return (1 - sum(d * w for d, w in zip(digits, _WEIGHTS, strict=True))) % 11


def _text(digits: list[int]) -> str:
    return "".join("X" if d == 10 else str(d) for d in digits)


def _one_digit(digits: list[int]) -> Iterator[str]:
    lack = _excess(digits)
    for place, weight in enumerate(_WEIGHTS):
        mended = (digits[place] + lack * _INVERSE[weight]) % 11
        if mended < 10 or place == 17:
            yield _text([*digits[:place], mended, *digits[place + 1 :]])


def _swaps(digits: list[int]) -> Iterator[str]:
    for place in range(17):
        left, right = digits[place : place + 2]
        if left != right and (place < 16 or left < 10) and right < 10:
            swapped = [*digits[:place], right, left, *digits[place + 2 :]]
            if _excess(swapped) == 0:
                yield _text(swapped)


def _is_number(text: str) -> bool:
    try:
        IdNumber.parse(text)
    except BadIdNumber:
        return False
    return True
