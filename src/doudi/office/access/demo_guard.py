from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_address

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, HttpResponseBadRequest
from django.http.response import HttpResponseBase

# Names, and beginnings of names, by which proxies say whom they speak for or what was asked for.
FORWARDED = ("forwarded", "x-forwarded", "x-original-", "x-rewrite-")
PROXIES = frozenset({"via", "x-real-ip", "x-client-ip", "true-client-ip", "cf-connecting-ip"})


class DemoGuard:
    """A demo, whose passwords everybody knows, answers this machine alone and nobody's proxy. Stands first."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        if not settings.DEMO:
            raise MiddlewareNotUsed
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.get_host()  # a foreign Host is 400 also for static files, which are served further in
        if any(map(_is_a_proxys, request.headers)) or not _is_here(request.META.get("REMOTE_ADDR", "")):
            return HttpResponseBadRequest("DOUDI_DEMO=1: this machine only, no proxy", content_type="text/plain")
        return self._get_response(request)


def _is_a_proxys(header: str) -> bool:
    name = header.lower()
    return name in PROXIES or name.startswith(FORWARDED)


def _is_here(address: str) -> bool:
    return not address or ip_address(address).is_loopback  # empty: a local socket
