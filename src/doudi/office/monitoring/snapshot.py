"""The registry of one area on one day as a snapshot folder (`doudi-snapshot/1`), the input of a screening."""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

from doudi.engine.policy.model import Pack, Scalar
from doudi.engine.screening.household import UNKNOWN, Household
from doudi.engine.values import AreaCode
from doudi.office.cases.models import Entitlement
from doudi.office.cases.queries import entitlements_in_force
from doudi.office.monitoring.population import engine_household
from doudi.office.registry.queries import population

ENROLMENT = ("subject_type", "subject_id", "programme", "amount", "period", "starts_on", "ends_on", "persons")
UNKNOWNS = ("subject_type", "subject_id", "fact")


def write_snapshot(folder: Path, area: AreaCode, as_of: date, pack: Pack) -> tuple[int, int]:
    """Write every living-together household of the area; returns (households, persons)."""
    tables = Tables(folder, pack)
    for household in households(area, as_of, pack):
        tables.add(household)
    tables.close(as_of)
    return tables.rows["household"], tables.rows["person"]


def households(area: AreaCode, as_of: date, pack: Pack) -> Iterator[Household]:
    """The households of an area as the engine reads them, in the order of division and id."""
    granted: defaultdict[UUID, list[Entitlement]] = defaultdict(list)
    for entitlement in entitlements_in_force(area, as_of).order_by("id"):
        granted[entitlement.household_id].append(entitlement)
    for chunk in population(area, as_of=as_of):
        for held in chunk:
            yield engine_household(held, pack, granted[held.id], as_of)


class Tables:
    """The files of a snapshot while they are written."""

    def __init__(self, folder: Path, pack: Pack) -> None:
        folder.mkdir(parents=True)
        self.folder, self.pack = folder, pack
        names = {
            entity: [f.name for f in pack.facts.values() if f.entity == entity] for entity in ("person", "household")
        }
        self.columns: dict[str, tuple[str, ...]] = {
            "person": ("person_id", "household_id", "division", "role", *names["person"]),
            "household": ("household_id", "division", *names["household"]),
            "enrolment": ENROLMENT,
            "unknown": UNKNOWNS,
        }
        self.rows = dict.fromkeys(self.columns, 0)
        self._files = {t: (folder / f"{t}.csv").open("w", encoding="utf-8", newline="") for t in self.columns}
        self._writers = {t: csv.writer(file) for t, file in self._files.items()}
        for table, columns in self.columns.items():
            self._writers[table].writerow(columns)

    def add(self, h: Household) -> None:
        self._put("household", {"household_id": h.id, "division": h.division, **h.facts})
        self._unknowns("household", h.id, h.facts)
        for p in sorted(h.persons, key=lambda p: p.id):
            ids = {"person_id": p.id, "household_id": h.id, "division": p.division, "role": p.role}
            self._put("person", {**ids, **p.facts})
            self._unknowns("person", p.id, p.facts)
        for e in h.enrolments:
            persons = None if e.persons is None else json.dumps(e.persons)  # of nobody it is `[]`; empty means all
            self._put("enrolment", {**{n: getattr(e, n) for n in ENROLMENT}, "persons": persons})

    def _unknowns(self, kind: str, id: str, facts: dict[str, Scalar]) -> None:
        for name, value in facts.items():
            if value == UNKNOWN and self.pack.facts[name].presumed is not None:
                self._put("unknown", {"subject_type": kind, "subject_id": id, "fact": name})

    def _put(self, table: str, row: dict[str, Any]) -> None:
        self._writers[table].writerow([_cell(row.get(column)) for column in self.columns[table]])
        self.rows[table] += 1

    def close(self, as_of: date) -> None:
        tables = {}
        for table, file in self._files.items():
            file.close()
            digest = sha256((self.folder / f"{table}.csv").read_bytes()).hexdigest()
            tables[table] = {"files": [{"path": f"{table}.csv", "rows": self.rows[table], "sha256": digest}]}
        manifest = {
            "format": "doudi-snapshot/1",
            "as_of": as_of.isoformat(),
            "pack": self.pack.id,
            "tables": tables,
        }
        (self.folder / "manifest.json").write_text(json.dumps(manifest, indent=1), "utf-8")


def _cell(value: Scalar) -> str:
    if value is None or value == UNKNOWN:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value:f}"
    return str(value)
