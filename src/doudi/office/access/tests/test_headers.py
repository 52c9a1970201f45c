"""What stands on a page of the office stays in no browser's store."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client

from doudi.office.access.models import Post, User

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def clerk() -> Client:
    user = User.objects.create_user("clerk", None, full_name="甄小印")
    Post.objects.create(user=user, role="county", area_code="341503000000", starts_on=date(2020, 1, 1))
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.parametrize(
    "path", ["/today", "/findings", "/search?q=x", "/kit", "/audit", "/nowhere", "/search?after=x"]
)
def test_every_page_that_is_not_public_is_never_kept_whatever_it_answers(path: str) -> None:
    assert "no-store" in clerk().get(path)["Cache-Control"]


def test_a_page_for_nobody_in_particular_may_be_kept_and_no_page_may_use_camera_or_place(client: Client) -> None:
    health = client.get("/healthz")
    assert "no-store" not in health.headers.get("Cache-Control", "")
    for answer in (health, client.get("/login"), clerk().get("/today")):
        assert "camera=()" in answer["Permissions-Policy"] and "geolocation=()" in answer["Permissions-Policy"]
