"""The job this process is working on: its progress, and whether it must stop.

A task only says how far it is; a heartbeat thread writes that down together with the renewed lease, on a connection of
its own, so that progress is seen while the task's transaction is still open and a long task needs no extra writes.
"""

from __future__ import annotations

import logging
import threading
import time

from django.db import DatabaseError, connection

from doudi.office.jobs.leases import LeaseLost, lease, renew
from doudi.office.jobs.models import Job
from doudi.office.jobs.progress import Stopping

logger = logging.getLogger(__name__)


class Work:
    """One attempt at one job."""

    def __init__(self, job: Job, stop: threading.Event) -> None:
        self.job, self.n, self.total = job, job.n, job.total
        self._stop = stop
        self._ended = threading.Event()
        self._lost = False
        self._thread = threading.Thread(target=self._beat, name=f"heartbeat {job.pk}", daemon=True)

    def progress(self, n: int, total: int) -> None:
        self.n, self.total = n, total
        self.check()

    def check(self) -> None:
        """Raises LeaseLost or Stopping when the task must not go on."""
        if self._lost:
            raise LeaseLost(str(self.job))
        if self._stop.is_set():
            raise Stopping(str(self.job))

    def start_heartbeat(self) -> None:
        self._thread.start()

    def stop_heartbeat(self) -> None:
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join()

    def _beat(self) -> None:
        written, renewed = (self.n, self.total), time.monotonic()
        third = lease().total_seconds() / 3
        try:
            while not self._ended.wait(min(1.0, third)):
                now = (self.n, self.total)
                if now == written and time.monotonic() - renewed < third:
                    continue
                try:
                    renew(self.job, *now)
                    written, renewed = now, time.monotonic()
                except LeaseLost:
                    self._lost = True
                    return
                except DatabaseError:
                    logger.warning("the lease of %s could not be renewed; trying again", self.job.task)
                    connection.close_if_unusable_or_obsolete()
        finally:
            connection.close()
