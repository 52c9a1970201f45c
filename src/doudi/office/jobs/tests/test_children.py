"""run_in_child(): memory, time, crashes and errors stay in the child."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from doudi.engine.words import Refused
from doudi.office.jobs.actions import ChildFailed, run_in_child
from doudi.office.jobs.progress import Stopping, listener

pytestmark = pytest.mark.slow
HERE = "doudi.office.jobs.tests.in_child"
MB = 1 << 20


def call(name: str, args: dict[str, Any], seconds: float = 20.0) -> Any:
    return run_in_child(f"{HERE}:{name}", args, memory=512 * MB, seconds=seconds)


class Ear:
    """Hears progress, and says stop once a file is there."""

    def __init__(self, stop_at: Path | None = None) -> None:
        self.heard: list[tuple[int, int]] = []
        self.stop_at = stop_at

    def progress(self, n: int, total: int) -> None:
        self.heard.append((n, total))

    def check(self) -> None:
        if self.stop_at and self.stop_at.exists() and self.stop_at.stat().st_size:
            raise Stopping


def test_the_result_and_the_progress_come_back() -> None:
    ear = Ear()
    token = listener.set(ear)
    try:
        assert call("add", {"a": 2, "b": 3}) == {"sum": 5}
    finally:
        listener.reset(token)
    assert ear.heard == [(1, 1)]


def test_every_fault_of_a_refusal_comes_back() -> None:
    with pytest.raises(Refused) as refused:
        call("refuse", {})
    assert [(f.code, f.row) for f in refused.value.faults] == [("some.code", 7), ("other.code", None)]


@pytest.mark.parametrize(
    ("name", "args", "kind"),
    [
        ("hoard", {"size": 900 * MB}, "memory"),
        ("sleep", {"seconds": 60}, "time"),
        ("crash", {}, "died"),
        ("fall", {"secret": "341599194001010018"}, "raised"),
    ],
)
def test_a_child_that_fails_says_how(name: str, args: dict[str, Any], kind: str, capfd: pytest.CaptureFixture) -> None:
    with pytest.raises(ChildFailed) as failed:
        call(name, args, seconds=1.0 if kind == "time" else 20.0)
    assert failed.value.kind == kind
    assert "341599194001010018" not in capfd.readouterr().err


def test_a_worker_that_stops_kills_its_child(tmp_path: Path) -> None:
    token = listener.set(Ear(stop_at=tmp_path / "pid"))
    try:
        with pytest.raises(Stopping):
            call("sleep", {"seconds": 60, "pid_file": str(tmp_path / "pid")})
    finally:
        listener.reset(token)
    assert_gone(tmp_path / "pid")


def test_a_killed_worker_leaves_no_child_behind(tmp_path: Path) -> None:
    code = (
        "from doudi.office.jobs.children import run_in_child as r;"
        f"r('{HERE}:sleep', {{'seconds': 60, 'pid_file': r'{tmp_path / 'pid'}'}}, memory=1 << 29, seconds=60)"
    )
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    parent = subprocess.Popen([sys.executable, "-c", code], env=env)
    while not ((tmp_path / "pid").exists() and (tmp_path / "pid").stat().st_size):
        assert parent.poll() is None
        time.sleep(0.05)
    parent.kill()
    parent.wait()
    assert_gone(tmp_path / "pid")


def assert_gone(pid_file: Path) -> None:
    pid = int(pid_file.read_text("ascii"))
    for _ in range(100):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        if Path(f"/proc/{pid}/stat").exists() and Path(f"/proc/{pid}/stat").read_text("utf-8").split()[2] == "Z":
            return
        time.sleep(0.05)
    pytest.fail("the child still runs")
