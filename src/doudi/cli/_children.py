"""Keeps processes alive: each is started again when it ends, later and later when it ends at once; stopped in order."""

from __future__ import annotations

import ctypes
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

_STEADY = 10.0  # a process that lived this long is started again at once
_LONGEST_PAUSE = 30.0
_GRACE = 30.0
_PR_SET_PDEATHSIG = 1


@dataclass(slots=True)
class Child:
    """One process: its name in messages, its command, and how it is doing."""

    name: str
    command: list[str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    pause: float = 0.0

    def start(self) -> None:
        self.process = subprocess.Popen(self.command, preexec_fn=_end_with_parent(), start_new_session=True)
        self.started = time.monotonic()

    def look(self) -> None:
        """Start it again when it has ended and its pause is over."""
        if self.process and self.process.poll() is not None:
            steady = time.monotonic() - self.started > _STEADY
            self.pause = 0.0 if steady else min(max(0.5, self.pause * 2), _LONGEST_PAUSE)
            sys.stderr.write(f"{self.name} ended ({self.process.returncode}); starting again in {self.pause:.1f} s\n")
            self.process, self.started = None, time.monotonic() + self.pause
        if self.process is None and time.monotonic() >= self.started:
            self.start()

    def stop(self) -> None:
        """Ask it to end; after 30 seconds end it."""
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(_GRACE)
        except subprocess.TimeoutExpired:
            sys.stderr.write(f"{self.name} did not end in {_GRACE:.0f} s and is killed\n")
            self.process.kill()
            self.process.wait()


def keep_alive(children: list[Child]) -> None:
    """Run the processes until SIGTERM or SIGINT; then stop them in their order."""
    ended: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda received, frame: ended.append(received))
    while not ended:
        for child in children:
            child.look()
        time.sleep(0.1)
    for child in children:
        child.stop()


def _end_with_parent() -> Callable[[], Any] | None:
    """On Linux: when the parent is killed, its children are told to end too, so that nothing is left on the port."""
    if not sys.platform.startswith("linux"):
        return None
    libc = ctypes.CDLL(None)
    return lambda: libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
