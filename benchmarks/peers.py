"""Ours against pandas and OpenFisca-core on the part of the rules they can express, the results compared.

`python peers.py FOLDER PERSONS` makes pack, population and an environment of its own for the peers (they are no
dependencies of ours; OpenFisca-core is AGPL and nothing of it is in this repository), runs each in its own process and
prints one line of JSON. Ours answers with conditions, unknowns, states and findings; the peers take a gap for nothing,
so the results are compared where a household has no gap.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import cases
import duckdb
import law
import population
from outcomes import screen_outcomes

from doudi.engine.policy import load, plan
from doudi.engine.screening.run import run
from doudi.engine.screening.snapshot import read

HERE = Path(__file__).parent
PACKAGES = ("openfisca-core", "pandas", "pyarrow")
PROGRAMMES = {
    "person": ("tekun", "living_subsidy", "care_subsidy", "elder_allowance"),
    "household": ("dibao", "near_poor"),
}
_TOLERATED = 2e-5  # the share of answers that single precision may turn at a limit


def main(folder: Path, persons: int, repeat: int = 3) -> dict[str, Any]:
    """Seconds of each, the least of the repeats, and how many answers were compared."""
    people, python = cases.fresh(folder) / "people", environment(folder / "environment")
    population.make(people, persons)
    found: dict[str, Any] = {"ours": ours(folder, people, repeat)}
    for peer in ("pandas", "openfisca"):
        out = cases.fresh(folder / peer)
        command = [str(python), str(HERE / f"peer_{peer}.py"), str(people), str(out)]
        runs = []
        for _ in range(repeat):
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            runs.append(json.loads(done.stdout.splitlines()[-1]))
        found[peer] = min(runs, key=lambda r: r["processor_seconds"]) | compared(people, folder / "ours", out)
    return found


def environment(folder: Path) -> Path:
    """The Python of a fresh environment with the peers."""
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    python = folder / "bin" / "python"
    subprocess.run([str(python), "-m", "pip", "install", "-q", *PACKAGES], check=True, capture_output=True)
    return python


def ours(folder: Path, people: Path, repeat: int) -> dict[str, float]:
    """The same six programmes: outcomes with explanations, and the whole screening, the snapshot checked each time."""
    pack = load(str(law.write(folder / "pack")))
    asked = tuple(name for names in PROGRAMMES.values() for name in names)

    def whole() -> None:
        snapshot = read(people, pack)
        run(plan(pack, snapshot.as_of, snapshot.counties()), snapshot, folder / "ours", programmes=asked)

    snapshot = read(people, pack)
    planned = plan(pack, snapshot.as_of, snapshot.counties())

    def outcomes() -> None:
        threads = os.cpu_count() or 1
        screen_outcomes(planned, snapshot, folder / "outcomes", memory=2**30, threads=threads, programmes=asked)

    found: dict[str, float] = {}
    for name, action in (("", outcomes), ("whole_", whole)):
        wall, processor = [], []
        for _ in range(repeat):
            started, used = time.perf_counter(), time.process_time()
            action()
            wall.append(time.perf_counter() - started)
            processor.append(time.process_time() - used)
        found |= {f"{name}seconds": round(min(wall), 3), f"{name}processor_seconds": round(min(processor), 3)}
    return found


def compared(people: Path, ours: Path, theirs: Path) -> dict[str, int]:
    """How many answers were compared and how many differ. Raises when more differ than rounding explains."""
    gaps = " OR ".join(f"{c} IS NULL" for c in ("lives_here", "wage", "pension", "transfer"))
    homes = " OR ".join(f"{c} IS NULL" for c in ("savings", "homes", "vehicles", "house_state"))
    whole = (
        f"SELECT household_id FROM '{people}/household/*.parquet' WHERE NOT ({homes}) AND household_id NOT IN "
        f"(SELECT household_id FROM '{people}/person/*.parquet' WHERE {gaps})"
    )
    answers = differ = 0
    for entity, names in PROGRAMMES.items():
        for name in names:
            met = f"(o.{name}__outcome = 'eligible')"
            amount = "FALSE" if name == "near_poor" else f"abs(o.{name}__amount::DOUBLE - t.{name}_amount) > 0.011"
            n, odd = duckdb.execute(
                f"SELECT count(*), count(*) FILTER (WHERE {met} <> t.{name} OR ({met} AND t.{name} AND {amount})) "
                f"FROM '{ours}/outcomes_{entity}/*.parquet' o JOIN '{theirs}/{entity}.parquet' t USING ({entity}_id) "
                f"WHERE o.household_id IN ({whole})"
            ).fetchall()[0]
            answers, differ = answers + n, differ + odd
    if differ > answers * _TOLERATED:
        raise SystemExit(f"{theirs.name}: {differ} of {answers} answers differ")
    return {"answers_compared": answers, "answers_that_differ": differ}


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), int(sys.argv[2]))))
