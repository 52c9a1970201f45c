"""`make bench`: the figures of the screening, as ratios within one run.

Wall seconds of a shared machine mean little, so every target is a ratio to something measured in turn with it:
committed hand-written SQL with the same rows (checked before anything is timed), and reading the needed columns once
plus writing the finished tables from memory in their final types. Each is repeated, the least counts.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import big_pack
import cases
import duckdb
from cases import CASES, Case, fresh
from outcomes import screen_outcomes

from doudi import __version__
from doudi.engine.policy import load, plan
from doudi.engine.policy.model import Plan
from doudi.engine.screening.explain import answer
from doudi.engine.screening.run import run
from doudi.engine.screening.snapshot import Snapshot, read

HERE = Path(__file__).parent
MEMORY = 2**30
THREADS = os.cpu_count() or 1
TARGETS = {
    "to_hand_sql": 1.2, "to_scan_and_write": 2.5, "memory_gb": 1.0, "household_p99_ms": 5.0, "rows_per_second": 3000,
}  # fmt: skip
AIMS = {"to_scan_and_write": 1.6, "everything_to_scan_and_write": 2.0, "household_p50_ms": 0.5}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--persons", type=int, default=1_000_000)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--case", choices=[c.name for c in CASES], action="append", help="default: all")
    parser.add_argument("--peers", action="store_true", help="also pandas and OpenFisca-core, in a scratch environment")
    parser.add_argument("--out", type=Path, default=HERE / "results")
    asked = parser.parse_args()
    chosen = [c for c in CASES if not asked.case or c.name in asked.case]
    with tempfile.TemporaryDirectory(prefix="doudi-bench-") as temp:
        result = measure(Path(temp), chosen, asked.persons, asked.repeat, asked.peers)
    asked.out.mkdir(exist_ok=True)
    path = asked.out / f"{datetime.now(UTC):%Y-%m-%d}-{asked.persons}.json"
    path.write_text(json.dumps(result, indent=1) + "\n", "utf-8")
    show(result)
    print(path)
    return 0


def measure(folder: Path, chosen: list[Case], persons: int, repeat: int, peers: bool) -> dict[str, Any]:
    """Every figure for a population of this size."""
    started = os.getloadavg()[0]
    result: dict[str, Any] = {
        "date": datetime.now(UTC).isoformat("T", "seconds"),
        "doudi": __version__,
        "duckdb": duckdb.__version__,
        "machine": {"cores": THREADS, "system": platform.platform(), "load": started},
        "persons": persons,
        "cases": {case.name: of_case(folder / case.name, case, persons, repeat) for case in chosen},
        "packs": [big_pack.measured(n) for n in (12, 200)],
        "targets": TARGETS,
        "aims": AIMS,
    }
    if persons <= 1_000_000:
        result["import"] = _in_a_process("imports.py", fresh(folder / "office"), min(persons, 30_000))
    if peers:
        result["peers"] = _in_a_process("peers.py", folder / "peers", min(persons, 1_000_000))
    return result


def of_case(folder: Path, case: Case, persons: int, repeat: int) -> dict[str, Any]:
    """One pack with its population against the same answers by hand."""
    folder.mkdir()
    made = folder / "snapshot"
    law = case.pack(folder / "pack")
    case.people(made, persons)
    pack = load(law)
    started, processor = time.perf_counter(), time.process_time()
    snapshot = read(made, pack)
    reading = time.perf_counter() - started, time.process_time() - processor
    planned = plan(pack, snapshot.as_of, snapshot.counties())
    hand, ours = folder / "hand", folder / "ours"
    screen_outcomes(planned, snapshot, ours, memory=MEMORY, threads=THREADS)
    cases.by_hand(case, made, hand, THREADS)
    cases.same_rows(ours, hand)
    tables = cases.finished(case, hand, THREADS)
    what: dict[str, Callable[[], object]] = {
        "outcomes": lambda: screen_outcomes(planned, snapshot, ours, memory=MEMORY, threads=THREADS),
        "hand_sql": lambda: cases.by_hand(case, made, hand, THREADS),
        "scan": lambda: cases.scan(case, made, THREADS),
        "write": lambda: cases.write(tables, folder / "written"),
        "everything": lambda: run(planned, snapshot, folder / "out", memory=MEMORY, threads=THREADS),
    }
    timed, used = least(repeat, what)
    tables.close()
    found = json.loads(doudi("screen", made, "--pack", law, "--out", folder / "alone", "--memory", "1GB", "--json"))
    findings = sum(n for kinds in found["findings"].values() for n in kinds.values())
    return {
        "programmes": len(planned.programmes),
        "persons": snapshot.tables["person"].rows,
        "findings": findings,
        "seconds": {**timed, "read_and_check": round(reading[0], 3)},
        "processor_seconds": {**used, "read_and_check": round(reading[1], 3)},
        "ratios": ratios(timed),
        "processor_ratios": ratios(used),
        "memory_gb": round(found["run"]["memory"] / 2**30, 2),
        "household": one_household(planned, snapshot),
    }


def ratios(timed: dict[str, float]) -> dict[str, float]:
    floor = timed["scan"] + timed["write"]
    return {
        "to_hand_sql": round(timed["outcomes"] / timed["hand_sql"], 2),
        "to_scan_and_write": round(timed["outcomes"] / floor, 2),
        "everything_to_scan_and_write": round(timed["everything"] / floor, 2),
    }


def least(repeat: int, what: dict[str, Callable[[], object]]) -> tuple[dict[str, float], dict[str, float]]:
    """Wall and processor seconds of each, in turn so that a busy minute strikes all; the least of the repeats.

    On a shared machine the processor seconds are the steadier measure.
    """
    wall: dict[str, list[float]] = {name: [] for name in what}
    used: dict[str, list[float]] = {name: [] for name in what}
    for _ in range(repeat):
        for name, action in what.items():
            started, processor = time.perf_counter(), time.process_time()
            action()
            wall[name].append(time.perf_counter() - started)
            used[name].append(time.process_time() - processor)
    return tuple({name: round(min(s), 3) for name, s in kind.items()} for kind in (wall, used))  # type: ignore[return-value]


def one_household(planned: Plan, snapshot: Snapshot, n: int = 500) -> dict[str, float]:
    """Milliseconds to decide and explain one household that is already in hand."""
    ids = duckdb.execute(
        f"SELECT household_id FROM '{snapshot.path}/household/*.parquet' ORDER BY hash(household_id) LIMIT {n // 10}"
    ).fetchall()
    households = [snapshot.household(id) for (id,) in ids]
    answer(planned, households[0])
    times = []
    for household in households * 10:
        started = time.perf_counter()
        answer(planned, household)
        times.append((time.perf_counter() - started) * 1000)
    times.sort()
    return {"p50_ms": round(statistics.median(times), 3), "p99_ms": round(times[int(len(times) * 0.99)], 3)}


def _in_a_process(script: str, *arguments: object) -> dict[str, Any]:
    """What another script here says in its last line."""
    command = [sys.executable, str(HERE / script), *map(str, arguments)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def doudi(*arguments: object) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "doudi", *map(str, arguments)], check=True, capture_output=True, text=True
    )
    return done.stdout


def show(result: dict[str, Any]) -> None:
    print(f"{result['persons']:,} persons, {THREADS} cores, load {result['machine']['load']:.1f} at the start")
    for name, case in result["cases"].items():
        print(f"{name}: {case['programmes']} programmes, {case['findings']:,} findings")
        for what, value in case["seconds"].items():
            print(f"  {what:<16}{value:8.3f} s   {case['processor_seconds'].get(what, 0):8.3f} s of processors")
        for what in ("to_hand_sql", "to_scan_and_write", "everything_to_scan_and_write"):
            judge(what, case["ratios"][what])
            judge("  in processor seconds", case["processor_ratios"][what], what)
        judge("memory_gb", case["memory_gb"])
        judge("household_p99_ms", case["household"]["p99_ms"])
        judge("household_p50_ms", case["household"]["p50_ms"])
    for pack in result["packs"]:
        print(f"  pack of {pack['programmes']}: load and check {pack['load and check']} s, emit {pack['emit SQL']} s")
    if "import" in result:
        rows = result["import"]["rows_per_second"]
        print(f"  {'rows imported a second':<34}{rows:8,}  at least 3,000  {'ok' if rows >= 3000 else 'MISSED'}")
    for peer, figures in result.get("peers", {}).items():
        print(f"  {peer}: {figures}")


def judge(name: str, value: float, target: str = "") -> None:
    most, aim = TARGETS.get(target or name), AIMS.get(target or name)
    said = f"at most {most}  {'ok' if value <= most else 'MISSED'}" if most else ""
    aimed = f"aim {aim}{' reached' if value <= aim else ''}" if aim else ""
    print(f"  {name:<34}{value:8.2f}  {said}  {aimed}")


if __name__ == "__main__":
    sys.exit(main())
