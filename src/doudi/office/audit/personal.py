"""Numbers that name a person: identity, bank account, telephone. Neither trail nor log may hold one."""

from __future__ import annotations

import re

_NUMBER = re.compile(r"(?<![0-9A-Za-z-])(\d{15,18}[\dXx]?|1[3-9]\d{9})(?![0-9A-Za-z-])")


def names_a_person(text: str) -> bool:
    """Whether a number of 15 to 19 places (the last may be X) or of a mobile telephone stands in the text by itself."""
    return _NUMBER.search(text) is not None


def masked(text: str) -> str:
    """The text with all but the first three and the last two places of such numbers starred."""
    return _NUMBER.sub(lambda found: found[0][:3] + "*" * (len(found[0]) - 5) + found[0][-2:], text)
