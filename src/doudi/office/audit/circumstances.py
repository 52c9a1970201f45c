"""What surrounds an act and is the same for all of a request: role, purpose, where from. Set once by the scope."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Circumstances:
    """role: a role's name; purpose: of the access; origin: address and device as the office knows them."""

    role: str = ""
    purpose: str = ""
    origin: str = ""


_NONE = Circumstances()
_current: ContextVar[Circumstances] = ContextVar("circumstances", default=_NONE)


def current() -> Circumstances:
    """What the innermost circumstances() said; empty outside of it."""
    return _current.get()


@contextmanager
def circumstances(role: str = "", purpose: str = "", origin: str = "") -> Iterator[None]:
    """Entries written inside carry these, unless the act says otherwise."""
    token = _current.set(Circumstances(role, purpose, origin))
    try:
        yield
    finally:
        _current.reset(token)
