"""How a task, or a function in a child process, says how far it is. Knows no Django, so that a child starts fast."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Protocol


class Stopping(Exception):
    """The worker was asked to stop: leave what is committed and end; the job is taken up again later."""


class Listener(Protocol):
    """Who hears the progress: the worker's attempt at a job, or the pipe to the parent process."""

    def progress(self, n: int, total: int) -> None: ...

    def check(self) -> None: ...


listener: ContextVar[Listener | None] = ContextVar("doudi_progress", default=None)


def progress(n: int, total: int) -> None:
    """Say how far the task is: n of total, in the task's own unit (rows, households); outside a job nothing happens.

    Call it between transactions and as often as is handy. Raises Stopping or LeaseLost when the task must end here.
    """
    if heard := listener.get():
        heard.progress(n, total)


def check() -> None:
    """As progress(), without news. Raises Stopping or LeaseLost when the task must end here."""
    if heard := listener.get():
        heard.check()
