"""The pages of a refusal stand by themselves: the last one is drawn without request, user or database."""

from __future__ import annotations

import pytest
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils import translation


@pytest.mark.parametrize("page", ["400", "403", "403_csrf", "404", "500"])
def test_a_refusal_says_what_to_do_next_in_both_languages(page: str) -> None:
    chinese = render_to_string(f"{page}.html")
    assert 'href="/today"' in chinese and "<h1>" in chinese
    with translation.override("en"):
        assert "Back to today" in render_to_string(f"{page}.html", request=RequestFactory().get("/nowhere"))
