"""The kit page stands for every part: what it shows works everywhere."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from django.test import Client

from doudi.office import look
from doudi.office.access.models import Post, User


@pytest.fixture
def clerk(client: Client, db: None) -> Client:
    user = User.objects.create_user("clerk", None, full_name="甄小印")
    Post.objects.create(user=user, role="township", area_code="341503203000", starts_on=date(2020, 1, 1))
    client.force_login(user)
    return client


def test_the_kit_asks_for_login(client: Client, db: None) -> None:
    assert client.get("/kit")["Location"] == "/login?next=/kit"


@pytest.mark.slow
def test_the_kit_shows_every_part_and_breaks_no_policy(clerk: Client) -> None:
    page = clerk.get("/kit").content.decode()
    for part in ("bl-balances", "bl-incomplete", "bl-differs", "chip-unknown", "clock-overdue", "knot-disaster"):
        assert part in page
    assert not re.search(
        r"<style|\sstyle=|\son[a-z]+=|javascript:|<script(?![^>]*\ssrc=)|https?://(?!www.w3.org)", page
    )


@pytest.mark.slow
def test_english_leaves_no_chinese_but_names(clerk: Client) -> None:
    clerk.cookies["django_language"] = "en"
    page = clerk.get("/kit").content.decode()
    text = re.sub(r"<[^>]*>", " ", page)
    place = r"\w+[村乡镇道区]"
    left = [word for word in re.findall(r"[\u4e00-\u9fff]+", text) if not re.fullmatch(place, word)]
    assert set(left) == {"甄小印", "贾会计", "中文"}


def test_a_preference_is_kept_and_an_unknown_one_is_not(client: Client) -> None:
    answer = client.post("/preference", {"light": "strong", "next": "/kit"})
    assert answer["Location"] == "/kit" and answer.cookies["light"].value == "strong"
    assert not client.post("/preference", {"light": "glaring"}).cookies
    assert client.post("/preference", {"next": "https://elsewhere.example/"})["Location"] == "/"


def test_no_stylesheet_asks_another_host() -> None:
    css = (Path(look.__file__).parent / "static/look/doudi.css").read_text("utf-8")
    assert "url(" not in css and "@import" not in css
