"""SQLite has one writer at a time: whoever holds the lock long makes every other clerk wait.

Each SQLite connection is watched; a write transaction over 200 ms is counted (`/metrics`) and named in the log, and
tests of long work assert with `watched()` that theirs stays below.
"""

from __future__ import annotations

import logging
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

LIMIT_SECONDS = 0.2

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Held:
    """Seconds each finished write transaction of this process held the lock.

    longest: by the clock on the wall. busiest: of processor time, which a busy machine does not stretch.
    """

    longest: float = 0.0
    busiest: float = 0.0
    n: int = 0
    too_long: int = 0

    def add(self, seconds: float, busy: float) -> None:
        self.n += 1
        self.longest = max(self.longest, seconds)
        self.busiest = max(self.busiest, busy)
        self.too_long += seconds > LIMIT_SECONDS


@dataclass(slots=True)
class _Watches:
    process: Held = field(default_factory=Held)
    asked: list[Held] = field(default_factory=list)


_watches = _Watches()


def process_total() -> Held:
    """All write transactions of this process so far."""
    return _watches.process


@contextmanager
def watched() -> Iterator[Held]:
    """What the write transactions inside held, on all threads of this process."""
    held = Held()
    _watches.asked.append(held)
    try:
        yield held
    finally:
        _watches.asked.remove(held)


def watch(sender: Any, connection: Any, **kwargs: Any) -> None:
    """Receiver of `connection_created`: time from lock to commit or rollback on this connection.

    Migrations, on the owner's connection, take the office out of service anyway.
    """
    if connection.vendor != "sqlite" or connection.alias == "owner" or hasattr(connection, "lock_held_since"):
        return
    connection.lock_held_since = None
    begin, commit, rollback = connection._start_transaction_under_autocommit, connection._commit, connection._rollback

    def started() -> None:
        begin()
        connection.lock_held_since = time.monotonic(), time.thread_time()

    def committed() -> None:
        commit()
        _ended(connection)

    def rolled_back() -> None:
        rollback()
        _ended(connection)

    connection._start_transaction_under_autocommit = started
    connection._commit = committed
    connection._rollback = rolled_back


def _ended(connection: Any) -> None:
    since, connection.lock_held_since = connection.lock_held_since, None
    if since is None:
        return
    seconds, busy = time.monotonic() - since[0], time.thread_time() - since[1]
    for held in (_watches.process, *_watches.asked):
        held.add(seconds, busy)
    if seconds > LIMIT_SECONDS:
        ours = [f for f in traceback.extract_stack() if "/doudi/" in f.filename and f.filename != __file__]
        place = f"{ours[-1].filename}:{ours[-1].lineno}" if ours else "unknown"
        logger.warning("%s: a write transaction held the database for %.0f ms; split it", place, seconds * 1000)
