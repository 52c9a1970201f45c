"""What stands around every sheet: who, where, which day, which edition. Upper rooms tell it what they know."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from doudi.office.look import rail

providers: list[Callable[[HttpRequest], dict[str, Any]]] = []
"""Each adds keys: `roles`, `person`, `area`, `today`, `edition`, `may_search`."""

PREFERENCES = {"light": ("normal", "strong"), "text": ("normal", "large")}


def frame(request: HttpRequest) -> dict[str, Any]:
    """Context processor. Pages of nobody (login, errors) get the preferences alone, so that they never fail."""
    facts: dict[str, Any] = {"demo": settings.DEMO}
    for name, values in PREFERENCES.items():
        chosen = request.COOKIES.get(name, values[0])
        facts[name] = chosen if chosen in values else values[0]
    user = getattr(request, "user", None)
    if user is not None and user.is_authenticated:
        for provide in providers:
            facts.update(provide(request))
        facts["tabs"] = rail.shown(request, facts.get("roles", ()))
    return {"frame": facts}
