"""What a run did, counted, so that the pass on PostgreSQL cannot quietly be a smaller one than that on SQLite."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

FILE = "DOUDI_TEST_COUNTS"  # where a run leaves its counts, if anybody asks


def write(file: Path, stats: dict[str, list[Any]]) -> None:
    """stats: of pytest's terminal reporter."""
    skips = sorted(f"{report.nodeid}: {report.longrepr[2]}" for report in stats.get("skipped", []))
    file.write_text(json.dumps({"passed": len(stats.get("passed", [])), "skips": skips}), "utf-8")


def difference(sqlite: Path, postgres: Path) -> str:
    """Why the two runs are not the same tests; empty when they are. A skip must be the same in both, or say why."""
    if not (sqlite.exists() and postgres.exists()):
        return "one of the two runs left no counts"
    one, other = (json.loads(file.read_text("utf-8")) for file in (sqlite, postgres))
    totals = [run["passed"] + len(run["skips"]) for run in (one, other)]
    if totals[0] != totals[1]:
        return f"{totals[0]} tests on SQLite, {totals[1]} on PostgreSQL"
    silent = [skip for skip in other["skips"] if skip not in one["skips"] and "SQLite" not in skip]
    return "skipped on PostgreSQL without naming SQLite as the reason: " + "; ".join(silent) if silent else ""
