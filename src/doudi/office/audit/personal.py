"""Numbers that name a person: identity, bank account, telephone. Neither trail, log nor a remark may hold one."""

from __future__ import annotations

import re

_NUMBER = re.compile(r"(?<![0-9A-Za-z-])(\d{15,18}[\dXx]?|1[3-9]\d{9})(?![0-9A-Za-z-])")
_TYPED = re.compile(r"(?<!\d)(?:\d(?:[ -]?\d){13,17}[ -]?[\dXx]|(?:\+?86[ -]?)?1[3-9](?:[ -]?\d){9})(?!\d)")
_DAYS = re.compile(r"(\d{4}-?\d\d-?\d\d)[ -](\d{4}-?\d\d-?\d\d)")  # from one day to another is nobody's number
_HALF_WIDTH = str.maketrans("０１２３４５６７８９Ｘｘ－＋　‐‑–—\xa0", "0123456789Xx-+ ---- ")


def names_a_person(text: str) -> bool:
    """Whether a number of 15 to 19 places (the last may be X) or of a mobile telephone stands in the text by itself."""
    return _NUMBER.search(text) is not None


def starred(number: str) -> str:
    """`341**************2`: three places in front and one behind; a short text not at all.

    The one definition of a mask. Beside a number a page shows where somebody is registered, the day they were born and
    their sex: fourteen of eighteen places, and whether the seventeenth is odd. Four places behind would complete the
    number, two leave nine candidates (the last follows from the others), one leaves about 45 and still tells two cards
    apart.
    """
    if len(number) < 9:
        return "*" * len(number)
    return number[:3] + "*" * (len(number) - 4) + number[-1]


def masked(text: str) -> str:
    """What a program wrote, with such numbers starred; digests and ids stay readable."""
    return _NUMBER.sub(lambda found: starred(found[0]), text)


def masked_words(text: str) -> str:
    """What a person typed, with such numbers starred: parted by blanks or hyphens, in full width, after letters too."""
    plain, parts, last = text.translate(_HALF_WIDTH), list[str](), 0
    for found in _TYPED.finditer(plain):
        if not _DAYS.fullmatch(found[0]):
            parts += [text[last : found.start()], starred(re.sub("[ -]", "", found[0]))]
            last = found.end()
    return "".join([*parts, text[last:]])
