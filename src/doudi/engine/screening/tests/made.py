"""Snapshots on disk of households given in Python."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import duckdb

from doudi.engine.screening.household import Household
from doudi.engine.screening.tests.plans import AS_OF, FACTS


def write_villages(folder: Path, households: Iterable[Household]) -> Path:
    """The snapshot of these households, each village (by the letter its ids begin with) in files of its own."""
    villages: dict[str, list[Household]] = {}
    for h in households:
        villages.setdefault(h.id[0], []).append(h)
    folder.mkdir(parents=True)
    tables: dict[str, list[dict[str, Any]]] = {}
    for name, people in villages.items():
        made = write_snapshot(folder / name, people)
        manifest = json.loads((made / "manifest.json").read_text("utf-8"))
        (made / "manifest.json").unlink()
        for table, entry in manifest["tables"].items():
            files = [{**file, "path": f"{name}/{file['path']}"} for file in entry["files"]]
            tables.setdefault(table, []).extend(files)
    told = manifest | {"tables": {table: {"files": files} for table, files in tables.items()}}
    (folder / "manifest.json").write_text(json.dumps(told), "utf-8")
    return folder


def write_snapshot(folder: Path, households: Iterable[Household], *, parquet: bool = True, order: str = "") -> Path:
    """The snapshot of these households, Parquet in the order of the format or CSV as they come.

    order: another ORDER BY for the Parquet files.
    """
    folder.mkdir(parents=True)
    rows = list(households)
    tables: dict[str, list[dict[str, Any]]] = {
        "person": [
            {"person_id": p.id, "household_id": h.id, "division": p.division, "role": p.role, **p.facts}
            for h in rows
            for p in h.persons
        ],
        "household": [{"household_id": h.id, "division": h.division, **h.facts} for h in rows],
        "enrolment": [
            {"subject_type": e.subject_type, "subject_id": e.subject_id, "programme": e.programme, "amount": e.amount,
             "period": e.period, "starts_on": e.starts_on, "ends_on": e.ends_on}
            for h in rows for e in h.enrolments
        ],
    }  # fmt: skip
    standard = {"person": "division, household_id, person_id", "household": "division, household_id", "enrolment": "1"}
    entries = {}
    for name, lines in tables.items():
        path = _csv(folder / f"{name}.csv", name, lines)
        if parquet:
            target = path.with_suffix(".parquet")
            duckdb.execute(
                f"COPY (SELECT * FROM read_csv('{path}', all_varchar = true) ORDER BY "
                f"{(order if name != 'enrolment' else '') or standard[name]}) TO '{target}' (FORMAT parquet)"
            )
            path.unlink()
            path = target
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        entries[name] = {"files": [{"path": path.name, "rows": len(lines), "sha256": digest}]}
    manifest = {"format": "doudi-snapshot/1", "as_of": AS_OF.isoformat(), "pack": "try", "tables": entries}
    (folder / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    return folder


_FIXED = {
    "person": ["person_id", "household_id", "division", "role"],
    "household": ["household_id", "division"],
    "enrolment": ["subject_type", "subject_id", "programme", "amount", "period", "starts_on", "ends_on"],
}


def _csv(path: Path, table: str, lines: list[dict[str, Any]]) -> Path:
    facts = [f.name for f in FACTS.values() if f.entity == table]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [*_FIXED[table], *facts], lineterminator="\n")
        writer.writeheader()
        for line in lines:
            writer.writerow({k: str(v).lower() if isinstance(v, bool) else v for k, v in line.items()})
    return path
