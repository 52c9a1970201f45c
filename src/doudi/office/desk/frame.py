"""What the desk tells the frame around every sheet: who works here, as what, in which area, on which business day."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from doudi.office.access.roles import Role
from doudi.office.access.scopes import business_clock


def around(request: HttpRequest) -> dict[str, Any]:
    scope = getattr(request, "scope", None)
    today = business_clock().today()
    if scope is None:
        return {"today": today}
    return {
        "today": today,
        "roles": {scope.role},
        "person": f"{Role(scope.role).label} {request.user}",
    }
