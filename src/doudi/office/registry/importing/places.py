"""Which division a line means, inside the area the file was imported for. A name must have one meaning there."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from doudi.engine import divisions
from doudi.engine.values import AreaCode
from doudi.office.registry.importing.records import Record


class Places:
    """area: what the batch was imported for; nothing outside it is accepted."""

    def __init__(self, area: AreaCode, on: date) -> None:
        self._area, self._on = area, on
        self._find = lru_cache(maxsize=4096)(self._search)

    def of(self, record: Record) -> tuple[str, str]:
        """(12-digit code, "") or ("", code of the fault); ("", "") when the line says nothing of a place."""
        if not (record.area or record.township or record.village):
            return "", ""
        return self._find(record.area, record.township, record.village)

    def _search(self, area: str, township: str, village: str) -> tuple[str, str]:
        if area:
            return self._inside({a.code for a in divisions.search(area, self._on)})
        level = 5 if village else 4
        query = " ".join(n for n in (township, village) if n)
        return self._inside({a.code for a in divisions.search(query, self._on, self._area) if a.level == level})

    def _inside(self, codes: set[str]) -> tuple[str, str]:
        mine = {c for c in codes if self._area.contains(c)}
        if len(mine) == 1:
            return mine.pop(), ""
        if not mine:
            return "", "import.outside" if codes else "import.no_such_place"
        return "", "import.place_unclear"
