"""Every request runs in the scope its view declared; what the request leaves behind is no scope at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from doudi.office.access.declare import Declared
from doudi.office.access.once import answering_once
from doudi.office.access.roles import Role
from doudi.office.access.scopes import NotAllowed, Scope, entered, scope, scope_or_none
from doudi.office.jobs.clock import business_clock


class ScopedRequest(HttpRequest):
    """What a view gets: the request, and the scope it runs in (None on a public page)."""

    scope: Scope | None
    scope_stack: ExitStack
    user: Any


GetResponse = Callable[[ScopedRequest], HttpResponseBase]


class Undeclared(NotAllowed):
    """A view without @access answers nobody."""


class ScopeMiddleware:
    """Stands after authentication. `request.scope` is the scope, None on a public page."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: ScopedRequest) -> HttpResponseBase:
        with ExitStack() as stack:
            request.scope = None
            request.scope_stack = stack
            if request.method in ("GET", "HEAD"):
                stack.enter_context(answering_once())
            response = self.get_response(request)
            if isinstance(response, StreamingHttpResponse):
                response.streaming_content = _within(scope_or_none(), response.streaming_content)
            return response

    def process_view(
        self, request: ScopedRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        declared: Declared | None = getattr(view, "access", None)
        if declared is None:
            raise Undeclared(f"{view.__module__}.{view.__qualname__} declares no @access")
        if declared.is_public:
            return None
        if not request.user.is_authenticated:
            return _to_login(request)
        on = business_clock().today()
        role = _role(request, declared, request.user.roles(on))
        request.scope = request.scope_stack.enter_context(scope(request.user, declared.purpose, role=role, on=on))
        return None


def _role(request: ScopedRequest, declared: Declared, held: list[str]) -> Role:
    """The role chosen for the session if the view allows it, else the first held one that it allows."""
    chosen = request.session.get("role", "")
    allowed = [role for role in ([chosen] if chosen in held else held) if role in declared.roles]
    if not allowed:
        raise NotAllowed("no post of this user may open the page")
    return Role(allowed[0])


def _to_login(request: ScopedRequest) -> HttpResponse:
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Redirect": str(settings.LOGIN_URL)})
    return redirect_to_login(request.get_full_path())


def _within(value: Scope | None, parts: Any) -> Iterator[bytes]:
    """A streamed answer is produced after the view returned: each part in the view's scope."""
    iterator = iter(parts)
    while True:
        with entered(value):
            try:
                part = next(iterator)
            except StopIteration:
                return
        yield part
