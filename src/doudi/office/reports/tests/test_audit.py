"""The auditor sees who did what and why, never what a citizen's record says."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.db import transaction
from django.test import Client

from doudi.office.access import system_scope
from doudi.office.access.models import Post, User
from doudi.office.audit.actions import record
from doudi.office.audit.sealing import Sealer

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
COUNTY, OTHER_COUNTY = "341503000000", "520502000000"


def signed_in(role: str, area: str) -> Client:
    user = User.objects.create_user(f"{role}-{area}", None, full_name="吴审计")
    Post.objects.create(user=user, role=role, area_code=area, starts_on=date(2020, 1, 1))
    client = Client()
    client.force_login(user)
    return client


def act(name: str, by: str = "甄小印", day: int = 20, area: str = COUNTY, **detail: str) -> None:
    with system_scope("test"), transaction.atomic():
        at = datetime(2020, 7, day, 2, tzinfo=UTC)
        record(name, ("registry.person", "0" * 32), by=by, at=at, area=area, purpose="identity_check", detail=detail)


def test_the_auditor_finds_an_act_with_its_purpose() -> None:
    act("access.revealed")
    page = signed_in("auditor", COUNTY).get("/audit").content.decode()
    assert "看全" in page and "核对身份" in page and "甄小印" in page and "待封存" in page


def test_filters_narrow_by_act_person_and_day() -> None:
    act("access.revealed", "甄小印", 20)
    act("law.activated", "甄科长", 19)
    auditor = signed_in("auditor", COUNTY)

    def rows(**filters: str) -> int:
        return auditor.get("/audit", filters).content.decode().count('<th scope="row">')

    assert rows(act="law.activated") == rows(by="甄小印") == rows(act="law.activated", day="2020-07-19") == 1
    assert rows(act="law.activated", by="甄小印") == rows(act="law.activated", day="2020-07-20") == 0


def test_the_three_counts_add_up_before_and_after_sealing() -> None:
    act("access.revealed")
    auditor = signed_in("auditor", COUNTY)
    assert auditor.get("/audit").context["line"].state == "balances"
    with system_scope("test"):
        Sealer().seal()
    act("access.revealed")
    page = auditor.get("/audit", {"act": "access.revealed"}).context["page"]
    assert (page.n, page.n_sealed, page.n_waiting) == (2, 1, 1)


def test_another_county_s_acts_and_other_roles_see_nothing() -> None:
    act("access.revealed", area=OTHER_COUNTY)
    assert "甄小印" not in signed_in("auditor", COUNTY).get("/audit").content.decode()
    assert signed_in("county", COUNTY).get("/audit").status_code == 403


@pytest.mark.parametrize(
    "odd", [{"day": "yesterday"}, {"day": "9999-12-31"}, {"day": "0001-01-01"}, {"act": "law.broken"}]
)
def test_an_odd_filter_says_so_and_shows_no_line(odd: dict[str, str]) -> None:
    act("access.revealed")
    answer = signed_in("auditor", COUNTY).get("/audit", odd)
    assert answer.status_code == 422
    assert "errorlist" in answer.content.decode() and "甄小印" not in answer.content.decode()


def test_an_odd_page_mark_is_a_bad_request() -> None:
    assert signed_in("auditor", COUNTY).get("/audit", {"before": "x"}).status_code == 400


def test_what_was_revealed_is_said() -> None:
    for field in ("number", "phone", "sensitive"):
        act("access.revealed", field=field)
    page = signed_in("auditor", COUNTY).get("/audit").content.decode()
    assert "看全：证件号码" in page and "看全：电话" in page and "看全：病残等加密信息" in page
