"""The demo, whose passwords everybody knows, hears no proxy."""

from __future__ import annotations

import pytest
from django.conf import LazySettings
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpResponse
from django.test import RequestFactory

from doudi.office.access.demo_guard import DemoGuard

PROXY_SAYS = (
    *("Forwarded", "Forwarded-For", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Prefix", "X-Forwarded-Ssl"),
    *("Via", "X-Real-IP", "X-Client-IP", "True-Client-IP", "CF-Connecting-IP"),
    *("X-Original-URL", "X-Original-Host", "X-Rewrite-URL"),
)


def status(**headers: str) -> int:
    guard = DemoGuard(lambda request: HttpResponse("ours"))
    return guard(RequestFactory().get("/login", headers=headers, SERVER_NAME="localhost")).status_code


@pytest.mark.parametrize("name", PROXY_SAYS)
def test_whatever_a_proxy_adds_is_refused(name: str) -> None:
    assert status(**{name: "127.0.0.1"}) == 400


def test_what_browsers_send_is_answered() -> None:
    assert status(Accept="text/html", Origin="http://localhost", HX_Request="true") == 200


def test_an_office_that_is_no_demo_stands_behind_proxies(settings: LazySettings) -> None:
    settings.DEMO = False
    with pytest.raises(MiddlewareNotUsed):
        DemoGuard(lambda request: HttpResponse("ours"))
