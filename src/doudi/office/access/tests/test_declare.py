from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import path


def undeclared(request: HttpRequest) -> HttpResponse:
    return HttpResponse("secret")


urlpatterns = [path("undeclared", undeclared)]


@override_settings(ROOT_URLCONF=__name__)
def test_an_undeclared_view_answers_nobody(client: Client) -> None:
    answer = client.get("/undeclared")
    assert answer.status_code == 403
    assert b"secret" not in answer.content


def test_a_public_page_needs_neither_login_nor_scope(client: Client) -> None:
    assert client.get("/healthz").content == b"ok"
