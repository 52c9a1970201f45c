"""The tasks by name. A room's `tasks.py` registers them; they are found when the office starts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

Run = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Task:
    """name: `room.verb`; attempts: how often a task may fail or die before it is given up; every: runs by itself."""

    name: str
    run: Run
    attempts: int
    every: timedelta | None


class UnknownTask(LookupError):
    """No room registered a task of this name."""


_tasks: dict[str, Task] = {}


def task(name: str, *, attempts: int = 5, every: timedelta | None = None) -> Callable[[Run], Run]:
    """Register a function of one subject id. It re-reads the state and is safe twice and in any order.

    Raises ValueError when the name is taken by another function.
    """

    def register(run: Run) -> Run:
        known = _tasks.get(name)
        if known and (known.run.__module__, known.run.__qualname__) != (run.__module__, run.__qualname__):
            raise ValueError(f"task {name} is {known.run.__module__}.{known.run.__qualname__} already")
        _tasks[name] = Task(name, run, attempts, every)
        return run

    return register


def named(name: str) -> Task:
    """The task of a name; raises UnknownTask."""
    try:
        return _tasks[name]
    except KeyError:
        raise UnknownTask(f"{name}; known: {', '.join(sorted(_tasks)) or 'none'}") from None


def recurring() -> list[Task]:
    """Tasks that run by themselves."""
    return [t for t in _tasks.values() if t.every]
