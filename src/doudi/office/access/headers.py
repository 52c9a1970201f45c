"""What every answer says to the browser about keeping it, and about the machine's own senses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from doudi.office.access.declare import Declared

_SENSES = ("camera", "geolocation", "microphone", "payment", "usb")
PERMISSIONS_POLICY = ", ".join(f"{sense}=()" for sense in _SENSES)


class PrivatePages:
    """No browser keeps a page that is not public: on a shared machine the next one must not leaf back to it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        if not getattr(request, "is_public_page", False):
            response.headers["Cache-Control"] = "no-store, private"
        return response

    def process_view(self, request: Any, view: Callable[..., Any], args: Any, kwargs: Any) -> None:
        declared: Declared | None = getattr(view, "access", None)
        request.is_public_page = declared is not None and declared.is_public
