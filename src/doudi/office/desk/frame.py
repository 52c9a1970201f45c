"""What the desk tells the frame around every sheet: who works here, as what, in which area, on which business day."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from doudi.office.access.roles import Role
from doudi.office.desk.today import in_hand
from doudi.office.desk.words import pack_or_none
from doudi.office.jobs.queries import business_clock
from doudi.office.look.places import steps

CLERKS = (Role.TOWNSHIP, Role.COUNTY, Role.VILLAGE, Role.REVIEWER, Role.FINANCE, Role.HOTLINE, Role.DUTY)
CHECKERS = (Role.AUDITOR, Role.SECADMIN)  # their work is the trail
AT_WORK = tuple(role for role in Role if role not in CHECKERS)


def around(request: Any) -> dict[str, Any]:
    scope = getattr(request, "scope", None)
    today = business_clock().today()
    if scope is None:  # a refusal, or an address that leads nowhere
        return {"today": today, "may_search": _may_search(request, today)}
    areas = request.user.areas(scope.role, today)
    pack = pack_or_none(areas[0], today) if areas else None
    return {
        "today": today,
        "edition": f"{pack.id} {pack.edition}" if pack else "",
        "roles": {scope.role},
        "may_search": scope.role in CLERKS,
        "area": _areas(areas),
        "person": f"{Role(scope.role).label} {request.user}",
    }


def n_in_hand(request: Any) -> int | None:
    """What waits for me, as the first tab counts it."""
    scope = getattr(request, "scope", None)
    return in_hand(scope, business_clock().today()) if scope else None


def _may_search(request: Any, today: date) -> bool:
    held = request.user.roles(today)
    chosen = request.session.get("role", "")
    return not {*([chosen] if chosen in held else held)}.isdisjoint(CLERKS)


def _areas(codes: list[str]) -> str:
    """Where I work: 裕安区 · 西河口乡; of several areas the first and how many."""
    if not codes:
        return ""
    first = " · ".join(steps(codes[0]))
    return first if len(codes) == 1 else _("%(first)s 等 %(n)d 处") % {"first": first, "n": len(codes)}
