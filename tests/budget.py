"""Runs everything CI runs, step by step, each with its budget of seconds; a step over its budget fails the run."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from tests import counts

BIN = Path(sys.executable).parent
PYTEST = [str(BIN / "pytest"), "-n", "2"]
# Whole processes, started and killed, on SQLite: a step of their own, so that a slow one is seen.
PROCESSES = ["src/doudi/cli/tests", "src/doudi/demo/tests/test_sealed_on_disk.py"]
# A module stays on one worker, so that a demo office is built once.
ROOMS = ["--dist=loadscope", "src", "tests/architecture", "tests/spec", *(f"--ignore={path}" for path in PROCESSES)]
STEPS: list[tuple[str, int, list[str], dict[str, str]]] = [
    ("check", 40, ["make", "-s", "check"], {}),
    ("rooms on SQLite", 140, [*PYTEST, *ROOMS], {}),
    ("rooms on PostgreSQL", 140, [*PYTEST, *ROOMS], {"DOUDI_TEST_DATABASE": "postgres"}),
    ("processes", 80, [*PYTEST, *PROCESSES], {}),
    ("walk", 60, [*PYTEST, "tests/walk"], {}),
    ("journeys", 60, [str(BIN / "pytest"), "tests/journeys"], {}),
    ("generative and money", 75, [*PYTEST, "tests/generative"], {}),
]


def main() -> int:
    failed, folder = [], Path(tempfile.mkdtemp(prefix="doudi-counts-"))
    for name, budget, command, env in STEPS:
        started = time.monotonic()
        kept = {counts.FILE: str(folder / name)}
        code = subprocess.run(command, env={**os.environ, **env, **kept}, check=False).returncode
        took = time.monotonic() - started
        sys.stdout.write(f"== {name}: {took:.0f} s of {budget} s, exit {code}\n")
        sys.stdout.flush()
        if code or took > budget:
            failed.append(name)
    if uneven := counts.difference(folder / "rooms on SQLite", folder / "rooms on PostgreSQL"):
        sys.stdout.write(f"== the two databases: {uneven}\n")
        failed.append("the two databases")
    shutil.rmtree(folder)
    sys.stdout.write(f"{len(STEPS) + 1 - len(failed)} passed, {len(failed)} failed\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
