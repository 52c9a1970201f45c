"""The pages of a refusal stand by themselves: the last one is drawn without request, user or database."""

from __future__ import annotations

import pytest
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.utils import translation


@pytest.mark.parametrize("page", ["400", "403", "403_csrf", "404", "414", "500"])
def test_a_refusal_says_what_to_do_next_in_both_languages(page: str) -> None:
    chinese = render_to_string(f"{page}.html")
    assert 'href="/today"' in chinese and "<h1>" in chinese
    with translation.override("en"):
        assert "Back to today" in render_to_string(f"{page}.html", request=RequestFactory().get("/nowhere"))


@pytest.mark.django_db
def test_an_address_that_is_too_long_gets_our_page_and_one_that_is_not_its_own() -> None:
    answer = Client().get("/login", {"next": "x" * 4_000})
    assert answer.status_code == 414 and "这个地址太长" in answer.content.decode()
    assert Client().get("/login", {"next": "x" * 3_900}).status_code == 200
