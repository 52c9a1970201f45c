"""One area: what the list says of it on a day, and where it stands in the tree."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Literal

from doudi.engine.divisions import listing
from doudi.engine.divisions.changes import Change, changes, name_on

Kind = Literal["place", "heading", "development_zone"]
_WIDTHS = {1: 2, 2: 4, 3: 6, 4: 9, 5: 12}
# Rows that only group their children: nobody lives "in 市辖区", and no user is offered it.
_HEADINGS = frozenset({"市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划"})


@dataclass(frozen=True, slots=True)
class Area:
    """An area of the statistical list.

    code: 12 digits; (code, level) is the key. level: 1 province, 2 city, 3 county, 4 township, 5 village.
    valid_from, valid_to: both days included, None is open. successor: the code that took its place; None below the
    county, where successors are not published. kind: `heading` only groups its children, `development_zone` is a
    statistical unit that is no division of the state.
    """

    code: str
    level: int
    name: str
    parent: str
    valid_from: date | None
    valid_to: date | None
    successor: str | None
    kind: Kind

    def is_valid(self, on: date | None) -> bool:
        if on is None:
            return True
        return (self.valid_from is None or self.valid_from <= on) and (self.valid_to is None or on <= self.valid_to)

    @property
    def full_name(self) -> str:
        """From the province down, headings left out: 安徽省六安市裕安区西河口乡."""
        if not self.parent:
            return self.name
        above = next(a for a in reversed(levels_of(self.parent)) if a.level < self.level)
        own = "" if self.kind == "heading" or self.code == above.code else self.name
        return above.full_name + own


def _kind(line: listing.Line) -> Kind:
    if line.level in (2, 3) and line.name in _HEADINGS:
        return "heading"
    zone = "71" <= line.code[4:6] <= "79" if line.level == 3 else line.level == 4 and line.code[6] == "4"
    return "development_zone" if zone else "place"


def area_of(line: listing.Line, on: date | None) -> Area:
    """The area of a line of the list; name and validity are its county's where the county changed."""
    change = changes().get(line.code[:6] + "000000") if line.level >= 3 else None
    if change is None:
        return Area(line.code, line.level, line.name, line.parent, None, None, None, _kind(line))
    is_county = line.level == 3
    return Area(
        line.code,
        line.level,
        name_on(change, on) if is_county else line.name,
        line.parent,
        change.valid_from,
        change.valid_to,
        change.successor if is_county else None,
        _kind(line),
    )


def unlisted(code: str, change: Change) -> listing.Line:
    """The line of a county that stands in another year's list only."""
    return listing.Line(code, 3, name_on(change, None), code[:4] + "00000000")


@lru_cache(maxsize=65536)
def levels_of(code: str, on: date | None = None) -> tuple[Area, ...]:
    """Every area of a code, valid on `on` or not, higher level first; empty when the code never was one.

    Shorter codes (2, 4, 6 or 9 digits) are filled with zeros.
    """
    if not re.fullmatch(r"\d{2}|\d{4}|\d{6}|\d{9}|\d{12}", code):
        return ()
    code = code.ljust(12, "0")
    lines = listing.at(code)
    if not lines and (change := changes().get(code)):
        lines = (unlisted(code, change),)
    return tuple(area_of(line, on) for line in lines)


def find(code: str, on: date | None = None) -> Area | None:
    """The area of a code on a day (None: on any day), the higher one where it stands at two levels; else None."""
    return next((a for a in levels_of(code, on) if a.is_valid(on)), None)


def exists(code: str, on: date | None = None) -> bool:
    """Is there an area of this code on that day (None: on any day)?"""
    return find(code, on) is not None


def children(code: str, on: date | None = None, level: int | None = None) -> tuple[Area, ...]:
    """The areas directly under a code, by code; empty code: the provinces. level: which of its levels is meant."""
    if not code:
        return tuple(area_of(line, on) for line in listing.below("", 1, ""))
    parent = next((a for a in levels_of(code, on) if level in (None, a.level)), None)
    if parent is None:
        return ()
    prefix = parent.code[: _WIDTHS[parent.level]]
    lines = listing.below(parent.code, parent.level + 1, prefix)
    if parent.level == 2:
        listed = {line.code for line in lines}
        extra = [(c, change) for c, change in changes().items() if c[:4] == prefix and c not in listed]
        lines = sorted([*lines, *(unlisted(c, change) for c, change in extra)])
    return tuple(a for a in (area_of(line, on) for line in lines) if a.is_valid(on))
