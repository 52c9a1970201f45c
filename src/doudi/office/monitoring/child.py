"""The screening itself, run in a child process with limits."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from doudi.engine import policy
from doudi.engine.screening.run import run
from doudi.engine.screening.snapshot import read
from doudi.office.jobs.progress import progress


def screen(pack: str, folder: str, out: str, as_of: str, memory: int) -> dict[str, Any]:
    """Screen a snapshot folder by the pack of an archive file; returns summary.json."""
    law = policy.load_archive(Path(pack).read_bytes())
    population = read(Path(folder), law)
    plan = policy.plan(law, date.fromisoformat(as_of), population.counties())
    summary: dict[str, Any] = run(plan, population, Path(out), memory=memory, progress=progress).to_json()
    return summary
