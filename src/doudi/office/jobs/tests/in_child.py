"""What the tests of run_in_child let a child do."""

from __future__ import annotations

import os
import signal
import time

from doudi.engine.words import Fault, Refused
from doudi.office.jobs.progress import progress


def add(a: int, b: int) -> dict[str, int]:
    progress(1, 1)
    return {"sum": a + b}


def hoard(size: int) -> int:
    return len(bytearray(size))


def sleep(seconds: float, pid_file: str = "") -> None:
    if pid_file:
        with open(pid_file, "w", encoding="ascii") as file:
            file.write(str(os.getpid()))
    time.sleep(seconds)


def refuse() -> None:
    raise Refused(Fault("some.code", {"n": 3}, file="a.csv", row=7), Fault("other.code"))


def fall(secret: str) -> None:
    raise ValueError(secret)


def crash() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
