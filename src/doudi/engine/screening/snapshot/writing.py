"""Households as a snapshot of CSV files: how examples and generated populations reach the bulk engine."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from doudi.engine.policy.model import Entity, Pack, Scalar
from doudi.engine.policy.periods import period_of, plain_name
from doudi.engine.screening.household import Household
from doudi.engine.screening.snapshot.columns import NEEDED
from doudi.engine.screening.snapshot.manifest import FORMAT

_ENROLMENT = (*NEEDED["enrolment"], "persons")


def write(folder: Path, pack: Pack, as_of: date, households: Iterable[Household]) -> Path:
    """Write a snapshot into an empty folder; ids must differ. Only columns that somebody fills are written."""
    tables: dict[str, list[dict[str, Any]]] = {"person": [], "household": [], "enrolment": [], "fact": []}
    for h in households:
        tables["household"].append({"household_id": h.id, "division": h.division, **_cells(h.facts)})
        tables["fact"] += _history("household", h.id, h.facts)
        for p in h.persons:
            fixed = {"person_id": p.id, "household_id": h.id, "division": p.division, "role": p.role}
            tables["person"].append(fixed | _cells(p.facts))
            tables["fact"] += _history("person", p.id, p.facts)
        for e in h.enrolments:
            row = {name: _cell(getattr(e, name)) for name in _ENROLMENT if name != "persons"}
            tables["enrolment"].append(row | {"persons": "" if e.persons is None else json.dumps(e.persons)})
    if not tables["fact"]:
        del tables["fact"]
    listed = {name: {"files": [_write(folder, name, rows)]} for name, rows in tables.items()}
    manifest = {"format": FORMAT, "as_of": as_of.isoformat(), "pack": pack.id, "tables": listed}
    (folder / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    return folder


def _write(folder: Path, table: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
    columns = dict.fromkeys([*NEEDED[table], *(name for row in rows for name in row)])
    path = folder / f"{table}.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(columns), restval="")
        writer.writeheader()
        writer.writerows(rows)
    return {"path": path.name, "rows": len(rows), "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}


def _cells(facts: dict[str, Scalar]) -> dict[str, str]:
    return {name.replace(".", "__"): _cell(value) for name, value in facts.items() if not period_of(name)}


def _history(entity: Entity, id: str, facts: dict[str, Scalar]) -> list[dict[str, Any]]:
    """What was told of other months and years, as rows of the table `fact`."""
    told = [(name, value) for name, value in facts.items() if period_of(name) and value is not None]
    return [
        {
            "subject_type": entity,
            "subject_id": id,
            "fact": plain_name(name).replace(".", "__"),
            "period": period_of(name),
            "value": _cell(value),
        }
        for name, value in told
    ]


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:f}" if isinstance(value, Decimal) else str(value)
