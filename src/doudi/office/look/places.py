"""Area codes as people say them: township and village, without the province that everybody here shares."""

from __future__ import annotations

from functools import lru_cache

from doudi.engine import divisions
from doudi.engine.values import AreaCode


@lru_cache(maxsize=4096)
def steps(code: str) -> tuple[str, ...]:
    """County, township, village of a code, as far down as it goes: (裕安区, 西河口乡, 龚湾村)."""
    area = AreaCode(code)
    above = [area.at(level).code for level in ("county", "township") if area.at(level).code != code]
    found = [divisions.find(each) for each in (*dict.fromkeys(above), code)]
    return tuple(spoken(each) for each in found if each) or (code,)


def spoken(area: divisions.Area) -> str:
    """As people who live there call it. The statistical list calls a village by its committee (江店村委会 is spoken
    江店村) and some places by all that stands above them (六安市裕安区经济开发区 is spoken 经济开发区).
    """
    name, above = area.name, area.full_name.removesuffix(area.name)
    for start in range(len(above)):
        if above[start:].endswith(("区", "县", "市")) and name.startswith(above[start:]) and name != above[start:]:
            name = name.removeprefix(above[start:])
            break
    for committee in ("村民委员会", "村委会"):
        if name.endswith(committee):
            return name.removesuffix(committee) + "村"
    return name


def place(code: str) -> str:
    """Township and village: 西河口乡龚湾村."""
    return "".join(steps(code)[1:]) or steps(code)[0]
