"""The one-household page: members, facts with source and day, and one line of the trail for whoever opened it."""

from __future__ import annotations

import pytest

from doudi.office.access import system_scope
from doudi.office.audit.models import Entry
from doudi.office.audit.reads import flush_seen
from doudi.office.desk.tests.office import COUNTY, OTHER_COUNTY, TOWNSHIP, household_of_jia, signed_in
from doudi.office.look import panels
from doudi.office.look.panels import Mark, Panel

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def test_a_clerk_sees_members_chain_and_facts_with_their_source() -> None:
    home = household_of_jia()
    clerk = signed_in("township", TOWNSHIP)
    page = clerk.get(f"/households/{home.pk}").content.decode()
    assert "贾守田 户" in page and "梅秀" in page and "西河口乡" in page
    assert "2020-07-16" in page and "household_visit" in page
    facts = clerk.get(f"/households/{home.pk}?tab=facts").content.decode()
    assert "1600.00" in facts and "2020-07-16" in facts


def test_age_counts_full_years_on_the_business_day() -> None:
    page = signed_in("county", COUNTY).get(f"/households/{household_of_jia().pk}").content.decode()
    assert ">52</td>" in page


def test_not_yours_is_not_there_and_the_wrong_role_is_refused() -> None:
    home = household_of_jia()
    assert signed_in("county", OTHER_COUNTY).get(f"/households/{home.pk}").status_code == 404
    assert signed_in("auditor", COUNTY).get(f"/households/{home.pk}").status_code == 403
    assert signed_in("analyst", COUNTY).get(f"/households/{home.pk}").status_code == 403


def test_opening_a_household_is_one_line_of_the_trail_each_time() -> None:
    home = household_of_jia()
    clerk = signed_in("township", TOWNSHIP)
    for _ in range(2):
        clerk.get(f"/households/{home.pk}")
    with system_scope("test"):
        flush_seen()
        entries = Entry.objects.filter(act="access.opened", subject_id=str(home.pk))
        assert [entry.by for entry in entries] == ["township", "township"]
    assert "township" in clerk.get(f"/households/{home.pk}?tab=seen").content.decode()


def test_each_room_shows_its_panel_and_mark_in_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    home = household_of_jia()
    panel = Panel(
        "clues", "核查线索", "look/parts/empty.html", {"title": "没有线索", "mark": "circle-check"}, "evidence"
    )
    monkeypatch.setattr(panels, "panels", [lambda household, scope: panel])
    monkeypatch.setattr(panels, "marks", [lambda household, scope: [Mark("ok", "低保在保")]])
    page = signed_in("township", TOWNSHIP).get(f"/households/{home.pk}").content.decode()
    assert "没有线索" in page and "低保在保" in page
