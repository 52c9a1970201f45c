"""Codes of places in a pack: a county or something above it, that exists while the pack is in force."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from difflib import get_close_matches
from functools import cache

from doudi.engine import divisions
from doudi.engine.policy.item import Item
from doudi.engine.values import AreaCode
from doudi.engine.words import Said

Days = tuple[date | None, date | None]
_FEW = 3


@cache
def county_or_above(text: str) -> str | None:
    """A division down to the county, empty for the nation; None for anything else."""
    try:
        code = AreaCode(text)
    except ValueError:
        return None
    if code.level == "nation":
        return ""
    return None if code.level in ("township", "village") or not divisions.exists(text) else text


def is_twelve_digits(code: str) -> bool:
    return len(code) == 12 and code.isascii() and code.isdigit()


def is_place(code: str, in_force: Days) -> bool:
    """Is there a county, or a place above it, of this code on some day from the first to the last?"""
    first, last = in_force
    return bool(county_or_above(code)) and any(
        (first is None or a.valid_to is None or first <= a.valid_to)
        and (last is None or a.valid_from is None or a.valid_from <= last)
        for a in divisions.levels_of(code)
    )


def check_place(item: Item, code: str, in_force: Days) -> bool:
    """False after a fault that names the codes most like it."""
    if not is_twelve_digits(code):
        item.fault("policy.expected_area", got=code[:40])
        return False
    if is_place(code, in_force):
        return True
    item.fault("policy.no_area", area=code, near=_near(code, in_force))
    return False


def _near(code: str, in_force: Days) -> Said | str:
    """With their names: a code alone tells nobody whether it is the place that was meant."""
    codes = [c for c in dict.fromkeys(_around(code)) if is_place(c, in_force)]
    found = get_close_matches(code, codes, n=_FEW, cutoff=0.6)
    named = [f"{c} {a.full_name}" for c in found if (a := divisions.find(c))]
    return Said("near.did_you_mean", {"names": ", ".join(named)}) if named else ""


def _around(code: str) -> Iterator[str]:
    """The place one level up that exists, what is directly below it, and the same below its neighbours."""
    for width in (6, 4, 2, 0):
        above = code[:width].ljust(12, "0") if width else ""
        if not width or divisions.exists(above):
            yield from (a.code for a in (*divisions.levels_of(above), *divisions.children(above)))
            if width < 6:
                return
