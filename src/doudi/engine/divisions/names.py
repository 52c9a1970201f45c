"""Areas by name: the whole name, or a name without its administrative ending, else a part of it.

A name alone never identifies a place (和平村委会 stands 336 times): every hit is given.
"""

from __future__ import annotations

import re
from datetime import date

from doudi.engine.divisions import listing
from doudi.engine.divisions.areas import Area, area_of, levels_of, unlisted
from doudi.engine.divisions.changes import changes
from doudi.engine.values import AreaCode

_ENDINGS = re.compile(
    r"(省|市|区|县|旗|盟|地区|乡|镇|街道|街道办事处|苏木|村|社区|嘎查)?"
    r"(村|社区)?(委会|民委员会|村委会|村民委员会|居委会|居民委员会|社区居委会|社区居民委员会)?"
)


def search(query: str, on: date | None = None, within: AreaCode | None = None) -> tuple[Area, ...]:
    """Areas valid on a day (None: any day) by code or by name, in order of code; within: only in this area.

    query: a code (2, 4, 6, 9 or 12 digits), a name, or names from above to below, with blanks or without
    (`裕安区 西河口乡`, `六安市裕安区西河口乡`). Private-use characters are compared as they stand.
    """
    query = query.strip()
    if not query:
        return ()
    if query.isdecimal() and query.isascii():
        found = levels_of(query, on)
    else:
        *above, name = query.split()
        prefix = within.prefix if within else ""
        found = tuple(a for a in _named(name, on, prefix) if all(part in a.full_name for part in above))
        found = found or _by_path("".join(query.split()), on, prefix)
    return tuple(a for a in found if a.is_valid(on) and (within is None or within.contains(a.code)))


def _by_path(query: str, on: date | None, prefix: str) -> tuple[Area, ...]:
    for cut in range(2, len(query) - 1):
        if found := tuple(a for a in _whole(query[cut:], on, prefix) if query[:cut] in a.full_name):
            return found
    return ()


def _candidates(part: str, on: date | None, prefix: str) -> list[Area]:
    changed = {code: change for code, change in changes().items() if code.startswith(prefix)}
    lines = list(listing.holding(part, prefix))
    for code, change in changed.items():
        listed = listing.at(code)
        lines += [line for line in listed if part not in line.name] if listed else [unlisted(code, change)]
    areas = (area_of(line, on) for line in lines)
    return sorted((a for a in areas if part in a.name), key=lambda a: (a.code, a.level))


def _named(name: str, on: date | None, prefix: str) -> tuple[Area, ...]:
    candidates = _candidates(name, on, prefix)
    whole = tuple(a for a in candidates if _is_whole(a.name, name))
    return whole or tuple(a for a in candidates if a.name.startswith(name)) or tuple(candidates)


def _whole(name: str, on: date | None, prefix: str) -> tuple[Area, ...]:
    return tuple(a for a in _candidates(name, on, prefix) if _is_whole(a.name, name))


def _is_whole(name: str, query: str) -> bool:
    return name.startswith(query) and _ENDINGS.fullmatch(name, len(query)) is not None
