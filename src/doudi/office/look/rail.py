"""The rail: ledger index tabs. Each room adds its own in its `apps.py`; a tab shows only to roles that may enter."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

GROUPS = {"work": _("办事"), "calls": _("来话与救援"), "money": _("钱与账"), "look": _("看与查")}


@dataclass(frozen=True, slots=True)
class Tab:
    """One tab. url: name of the view; prefix: addresses that belong to it; roles: empty = every signed-in user.

    count: my open work, asked with the request and never a total; None when the room has nothing to count.
    """

    group: str
    label: str | Promise
    icon: str
    url: str
    prefix: str
    roles: frozenset[str] = frozenset()
    order: int = 50
    count: Callable[[HttpRequest], int | None] | None = None


@dataclass(frozen=True, slots=True)
class ShownTab:
    label: str | Promise
    icon: str
    url: str
    active: bool
    n: int | None


tabs: list[Tab] = []


def shown(request: HttpRequest, roles: Iterable[str]) -> list[tuple[Any, list[ShownTab]]]:
    """The groups with the tabs these roles may enter, in their fixed order; empty groups are left out."""
    mine = set(roles)
    groups = []
    for group, title in GROUPS.items():
        rows = [
            _show(tab, request)
            for tab in sorted(tabs, key=lambda t: t.order)
            if tab.group == group and (not tab.roles or tab.roles & mine) and _exists(tab)
        ]
        if rows:
            groups.append((title, rows))
    return groups


def _exists(tab: Tab) -> bool:
    try:
        return bool(reverse(tab.url))
    except NoReverseMatch:
        return False


def _show(tab: Tab, request: HttpRequest) -> ShownTab:
    active = request.path.startswith(tab.prefix)
    return ShownTab(tab.label, tab.icon, reverse(tab.url), active, tab.count(request) if tab.count else None)
