"""Each view declares who may open it and for what; the middleware refuses one that does not."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from doudi.office.access.roles import Role

View = TypeVar("View", bound=Callable[..., Any])

PUBLIC: frozenset[Role] = frozenset()
EVERYBODY: frozenset[Role] = frozenset(Role)


@dataclass(frozen=True, slots=True)
class Declared:
    """roles: who may open the view, in order of preference; empty = anybody, without login and without scope."""

    roles: tuple[Role, ...]
    purpose: str

    @property
    def is_public(self) -> bool:
        return not self.roles


def access(roles: Iterable[Role | str], purpose: str) -> Callable[[View], View]:
    """Declare the roles (or PUBLIC, EVERYBODY) and the purpose of a view; the request then runs in that scope.

    Also wraps what `as_view()` returns and views of other packages.
    """
    declared = Declared(tuple(sorted((Role(role) for role in roles), key=list(Role).index)), purpose)

    def declare(view: View) -> View:
        view.access = declared  # type: ignore[attr-defined]
        return view

    return declare
