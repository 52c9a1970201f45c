"""A running `doudi serve` for tests that look at it from outside."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

DOUDI = [sys.executable, "-m", "doudi"]


def environment(data: Path, **settings: str) -> dict[str, str]:
    ours = {k: v for k, v in os.environ.items() if not k.startswith("DOUDI_") and k != "DJANGO_SETTINGS_MODULE"}
    ours["PYTHONPATH"] = os.pathsep.join(filter(None, sys.path))
    return {**ours, "DOUDI_DEMO": "1", "DOUDI_DATA_DIR": str(data), "DOUDI_JOB_LEASE": "2", **settings}


def until(true: Callable[[], object], seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it never came true"
        time.sleep(0.05)


class Office:
    """A running `doudi serve` on a free port."""

    def __init__(self, data: Path, **settings: str) -> None:
        with closing(socket.socket()) as probe:
            probe.bind(("127.0.0.1", 0))
            self.at = f"127.0.0.1:{probe.getsockname()[1]}"
        self.data = data
        self.process = subprocess.Popen([*DOUDI, "serve"], env=environment(data, DOUDI_BIND=self.at, **settings))

    def status(self, page: str, token: str = "") -> int:
        request = urllib.request.Request(f"http://{self.at}{page}")
        if token:
            request.add_header("Authorization", f"Bearer {token}")
        try:
            return int(urllib.request.urlopen(request, timeout=5).status)
        except urllib.error.HTTPError as answer:
            return answer.code
        except OSError:
            return 0

    def children(self) -> list[int]:
        pid = self.process.pid
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()]

    def job(self) -> tuple[str, int]:
        """State and attempts of the oldest job."""
        with closing(sqlite3.connect(self.data / "db.sqlite3", timeout=5)) as database:
            row = database.execute("SELECT state, attempts FROM jobs_job ORDER BY created_at LIMIT 1").fetchone()
        return row or ("none", 0)

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)
