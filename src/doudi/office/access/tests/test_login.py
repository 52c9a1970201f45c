from __future__ import annotations

from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.conf import LazySettings
from django.core.signing import TimestampSigner
from django.test import Client
from django.utils import timezone

from doudi.office.access import sessions, system_scope
from doudi.office.access.demo import PASSWORD, NotADemo, accounts, make_demo_accounts
from doudi.office.access.models import Post, User
from doudi.office.audit.models import Entry

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _made(db: None) -> None:
    make_demo_accounts()


def sign_in(client: Client, username: str = "county", password: str = PASSWORD) -> int:
    return client.post("/login", {"username": username, "password": password}).status_code


def entries(act: str) -> list[Entry]:
    with system_scope("look"):
        return list(Entry.objects.filter(act=act).order_by("id"))


def test_demo_accounts_are_the_fourteen_and_making_them_twice_is_harmless() -> None:
    make_demo_accounts()
    assert User.objects.count() == Post.objects.count() == len(accounts()) == 14
    assert set(User.objects.values_list("username", flat=True)) >= {"village", "secadmin", "other_county"}


def test_an_office_in_use_gets_no_account_with_a_known_password_and_shows_none(settings: LazySettings) -> None:
    settings.DEMO = False
    with pytest.raises(NotADemo):
        make_demo_accounts()
    page = Client().get("/login")
    assert page.status_code == 200 and PASSWORD not in page.content.decode()


def test_the_login_page_of_a_demo_tells_accounts_and_password(client: Client) -> None:
    page = client.get("/login").content.decode()
    assert PASSWORD in page and all(account.username in page for account in accounts())


def test_a_login_leads_to_todays_work_and_leaves_an_entry_where_the_user_works(client: Client) -> None:
    before = client.session.session_key
    assert sign_in(client) == 302
    assert client.session.session_key != before
    (entry,) = entries("access.logged_in")
    assert (entry.by, entry.area_code) == ("county", "341503000000")
    assert client.post("/logout").status_code == 302
    assert client.get("/today").status_code == 302


def test_five_wrong_passwords_lock_an_account_where_they_were_typed_and_keep_nobody_else_out() -> None:
    for n in range(5):
        assert sign_in(Client(), password="wrong") == (200 if n < 4 else 429)
    assert sign_in(Client()) == 429
    assert sign_in(Client(REMOTE_ADDR="127.0.0.9")) == 302, "the officer at her own desk"
    assert sign_in(Client()) == 429, "her login there opens nothing here"
    assert sign_in(Client(), "township") == 302
    refused = entries("access.login_refused")
    assert len(refused) == 7 and refused[0].area_code == "341503000000"


def test_what_was_typed_as_an_account_is_not_kept(client: Client) -> None:
    sign_in(client, "341599194001010018")
    (entry,) = entries("access.login_refused")
    assert entry.subject_id == "unknown"
    (attempt,) = AccessAttempt.objects.all()
    assert not any("341599194001010018" in str(value) for value in vars(attempt).values())


def page_after(client: Client, idle: timedelta, monkeypatch: pytest.MonkeyPatch) -> int:
    past = timezone.now() - idle
    key = client.session.session_key
    with monkeypatch.context() as patch:
        patch.setattr("django.core.signing.time.time", past.timestamp)
        client.cookies[sessions.COOKIE] = TimestampSigner(salt=f"doudi.last_page:{key}").sign("seen")
    return client.get("/kit").status_code


def test_a_session_ends_after_half_an_hour_without_a_page(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    sign_in(client)
    assert page_after(client, timedelta(minutes=29), monkeypatch) == 200
    assert page_after(client, timedelta(minutes=31), monkeypatch) == 302
    assert client.get("/kit").status_code == 302


def test_a_forged_mark_of_the_last_page_ends_the_session(client: Client) -> None:
    sign_in(client)
    client.cookies[sessions.COOKIE] = TimestampSigner(salt="doudi.last_page:other").sign("seen")
    assert client.get("/kit").status_code == 302


def test_without_the_mark_a_session_lives_half_an_hour_from_its_login(client: Client) -> None:
    sign_in(client)
    del client.cookies[sessions.COOKIE]
    User.objects.update(last_login=timezone.now() - timedelta(minutes=31))
    assert client.get("/kit").status_code == 302


def test_twelve_hours_after_the_login_a_session_is_over_however_busy(client: Client) -> None:
    sign_in(client)
    expiry = client.session.get_expiry_date()
    client.post("/preference", {"light": "dark"})
    client.get("/kit")
    session = client.session
    session["busy"] = 1
    session.save()
    assert client.session.get_expiry_date() == expiry
    assert abs(expiry - timezone.now() - timedelta(hours=12)) < timedelta(minutes=1)


def test_a_user_who_left_is_out_at_the_next_page(client: Client) -> None:
    sign_in(client)
    assert client.get("/kit").status_code == 200
    Post.objects.filter(user__username="county").update(ends_on="2020-07-20")
    assert client.get("/kit").status_code == 403


@pytest.mark.parametrize("header", ["Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto"])
def test_a_demo_refuses_proxies_foreign_hosts_and_other_machines(client: Client, header: str) -> None:
    assert client.get("/healthz", headers={header: "for=10.0.0.1"}).status_code == 400
    assert client.get("/healthz", headers={"Host": "evil.example"}).status_code == 400
    assert client.get("/static/x.css", headers={"Host": "evil.example"}).status_code == 400
    assert client.get("/healthz", REMOTE_ADDR="10.0.0.1").status_code == 400
    assert client.get("/healthz").status_code == 200
