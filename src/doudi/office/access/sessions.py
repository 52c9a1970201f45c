"""When a session ends: 30 minutes after the last page, 12 hours after the login (real clock).

The last page is remembered in a signed cookie and not in the session, because a page view must not write.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.contrib.auth import SESSION_KEY, logout
from django.core.signing import BadSignature, TimestampSigner
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone

IDLE, WHOLE = timedelta(minutes=30), timedelta(hours=12)
COOKIE = "last_page"


def end_later(request: HttpRequest) -> None:
    """Fix the end of the session that has just begun; no later page moves it."""
    request.session.set_expiry(timezone.now() + WHOLE)


class SessionEnds:
    """Stands after authentication and before the scope."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if SESSION_KEY in request.session and self._is_idle(request):
            logout(request)
        response = self._get_response(request)
        if SESSION_KEY in request.session and request.session.session_key:
            response.set_cookie(
                COOKIE,
                _signer(request.session.session_key).sign("seen"),
                httponly=True,
                samesite="Lax",
                secure=settings.SESSION_COOKIE_SECURE,
            )
        return response

    def _is_idle(self, request: HttpRequest) -> bool:
        try:
            _signer(str(request.session.session_key)).unsign(request.COOKIES[COOKIE], max_age=IDLE)
        except KeyError:  # the first page after the login
            user = request.user
            began = user.last_login if user.is_authenticated else None
            return began is None or timezone.now() - began > IDLE
        except BadSignature:
            return True
        return False


def _signer(session_key: str) -> TimestampSigner:
    return TimestampSigner(salt=f"doudi.last_page:{session_key}")
