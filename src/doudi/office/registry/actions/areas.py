from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from django.db import transaction

from doudi.engine import divisions
from doudi.engine.values import AreaCode
from doudi.office.audit.actions import record
from doudi.office.registry.models import Area


def load_areas(county: AreaCode, *, on: date, by: Any, at: datetime) -> int:
    """Keep the divisions of one county: itself, all that stands above and below it. Returns how many are new.

    Twice is harmless. Raises ValueError when the code is no county on that day.
    """
    found = [a for a in divisions.levels_of(county.code, on) if a.level == 3 and a.is_valid(on)]
    if not found:
        raise ValueError(f"{county} is no county on {on}")
    rows = [_row(area) for area in (*_above(found[0]), *_below(found[0], on))]
    with transaction.atomic():
        before = Area.objects.count()
        Area.objects.bulk_create(rows, ignore_conflicts=True)
        new = Area.objects.count() - before
        if new:
            record("registry.areas_loaded", ("area", county.code), by=by, at=at, area=county, detail={"new": new})
    return new


def _above(area: divisions.Area) -> Iterator[divisions.Area]:
    while area.parent:
        area = next(a for a in reversed(divisions.levels_of(area.parent)) if a.level < area.level)
        yield area


def _below(area: divisions.Area, on: date) -> Iterator[divisions.Area]:
    yield area
    for child in divisions.children(area.code, on, area.level):
        yield from _below(child, on)


def _row(area: divisions.Area) -> Area:
    return Area(
        code=area.code,
        level=area.level,
        name=area.name,
        full_name=area.full_name,
        parent_code=area.parent,
        kind=area.kind,
        valid_from=area.valid_from,
        valid_to=area.valid_to,
        successor=area.successor or "",
    )
