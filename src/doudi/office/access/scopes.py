"""A scope says on whose behalf the process works: user, role, area ranges, purpose.

It lives in a context variable. The managers of scoped tables read it (front wall), and each database connection brings
its own wall in line with it before every statement (`sqlite`, `postgres`), so that neither a thread, nor a rollback,
nor an error can leave a connection standing in somebody else's scope.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol
from uuid import UUID

from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.db import DEFAULT_DB_ALIAS, connections
from django.http import Http404

from doudi.engine.values import AreaCode
from doudi.office.audit.circumstances import circumstances, current
from doudi.office.jobs.clock import business_clock

SYSTEM_ALIAS = "system"
SYSTEM_ROLE = "system"
Range = tuple[str, str]  # half-open texts [low, high) in code-point order


class NoScope(RuntimeError):
    """Scoped data was asked for while nobody's scope is set."""


class OutOfScope(Http404):
    """Not yours, which is the same answer as not there."""


class NotAllowed(PermissionDenied):
    """The role may not do this anywhere."""


class ScopeInTransaction(RuntimeError):
    """System jobs and users' scopes use different connections; neither can join a transaction of the other."""


def disjoint(ranges: Iterable[Range]) -> tuple[Range, ...]:
    """The same areas as sorted ranges that do not overlap: a row then matches at most one of them."""
    result: list[Range] = []
    for low, high in sorted(ranges):
        if result and low <= result[-1][1]:
            result[-1] = (result[-1][0], max(high, result[-1][1]))
        else:
            result.append((low, high))
    return tuple(result)


def ranges_of(areas: Iterable[AreaCode | str]) -> tuple[Range, ...]:
    """Half-open disjoint ranges of 12-digit area codes."""
    codes = [AreaCode(str(area)) for area in areas]
    return disjoint((code.low, code.high) for code in codes)


@dataclass(frozen=True, slots=True)
class Scope:
    """On whose behalf the process works. `ranges` are disjoint and half-open; a system job has none and sees all.

    user_id is empty for a system job, whose name then stands in `job`.
    """

    user_id: UUID | None
    role: str
    ranges: tuple[Range, ...]
    purpose: str
    job: str = ""

    @property
    def is_system(self) -> bool:
        return self.role == SYSTEM_ROLE

    def covers(self, area: AreaCode | str) -> bool:
        code = str(area)
        return self.is_system or any(low <= code < high for low, high in self.ranges)

    def to_json(self) -> dict[str, str]:
        """What a job keeps in order to re-enter the scope later with `reentered()`; the areas are read anew then."""
        return {"user_id": str(self.user_id or ""), "role": self.role, "purpose": self.purpose, "job": self.job}


class Posted(Protocol):
    """What a scope needs of a user."""

    @property
    def pk(self) -> Any: ...

    def roles(self, on: date) -> list[str]: ...

    def areas(self, role: str, on: date) -> list[str]: ...


_current: ContextVar[Scope | None] = ContextVar("doudi_scope", default=None)
_walled: ContextVar[Any] = ContextVar("doudi_walled_connection")  # while a system job's answers to `default`


def current_scope() -> Scope:
    """The scope in force. Raises NoScope."""
    if (found := _current.get()) is None:
        raise NoScope("no scope is set: enter scope(user, purpose) or system_scope(job) first")
    return found


def scope_or_none() -> Scope | None:
    return _current.get()


@contextmanager
def entered(value: Scope | None) -> Iterator[Scope | None]:
    """Stand in exactly this scope; afterwards in the one before, and on no connection any trace of it.

    Raises ScopeInTransaction when the scope needs the other connection and the present one has a transaction open.
    """
    with _right_connection(value):
        token = _current.set(value)
        try:
            with circumstances(value.role, value.purpose, current().origin) if value else nullcontext():
                yield value
        finally:
            _current.reset(token)
            for connection in connections.all(initialized_only=True):
                if clear := getattr(connection, "clear_wall", None):
                    clear()


@contextmanager
def _right_connection(value: Scope | None) -> Iterator[None]:
    """A system job's connection answers to the name `default` too, so that actions and transactions work unchanged."""
    before = connections[DEFAULT_DB_ALIAS]
    on_system = before.alias == SYSTEM_ALIAS
    if value is None or value.is_system == on_system or (value.is_system and _only_a_test(before)):
        yield
        return
    if before.in_atomic_block:
        raise ScopeInTransaction(
            f"{value.job or value.purpose}: a transaction is open, and this scope uses another one"
        )
    token = _walled.set(before) if value.is_system else None
    connections[DEFAULT_DB_ALIAS] = connections[SYSTEM_ALIAS] if value.is_system else _walled.get()
    try:
        yield
    finally:
        connections[DEFAULT_DB_ALIAS] = before
        if token:
            _walled.reset(token)


@contextmanager
def scope(user: Posted, purpose: str, *, role: str = "", on: date | None = None) -> Iterator[Scope]:
    """Work on behalf of a user in one of their roles (the first one when none is named), in all areas of its posts.

    on: the business day on which posts must be in force; default today of the business clock.
    Raises NotAllowed when the user has no such post on that day.
    """
    on = on or business_clock().today()
    roles = user.roles(on)
    if role not in roles and (role or not roles):
        raise NotAllowed(f"no post{f' as {role}' if role else ''} on {on}")
    role = role or roles[0]
    value = Scope(user.pk, role, ranges_of(user.areas(role, on)), purpose)
    with entered(value):
        yield value


@contextmanager
def scope_of(user_id: UUID | str, role: str, purpose: str, *, on: date | None = None) -> Iterator[Scope]:
    """Re-enter the scope of whoever queued a job, with the posts they hold now. Raises NotAllowed when they left."""
    user = apps.get_model("access", "User").objects.filter(pk=user_id, is_active=True).first()
    if user is None:
        raise NotAllowed("the user no longer works here")
    with scope(user, purpose, role=role, on=on) as value:
        yield value


@contextmanager
def reentered(kept: dict[str, str]) -> Iterator[Scope]:
    """Enter again what `Scope.to_json()` kept; a system job stays one."""
    if kept["role"] == SYSTEM_ROLE:
        with system_scope(kept["job"]) as value:
            yield value
    else:
        with scope_of(kept["user_id"], kept["role"], kept["purpose"]) as value:
            yield value


@contextmanager
def system_scope(job: str) -> Iterator[Scope]:
    """A named system job that sees every area, on the connection of the alias `system`.

    Raises ScopeInTransaction inside a transaction of the walled connection.
    """
    value = Scope(None, SYSTEM_ROLE, (), f"system:{job}", job)
    with entered(value):
        yield value


def _only_a_test(connection: Any) -> bool:
    """Only the transaction in which a test is wrapped is open: no second connection could see the test's rows, so the
    walled connection itself lifts its wall for the job (on PostgreSQL by a role that only test clusters grant)."""
    return bool(connection.atomic_blocks) and all(block._from_testcase for block in connection.atomic_blocks)
