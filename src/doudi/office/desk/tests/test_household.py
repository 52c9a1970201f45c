"""The one-household page: members, facts with source and day, and one line of the trail for whoever opened it."""

from __future__ import annotations

import pytest

from doudi.office.access import system_scope
from doudi.office.audit.models import Entry
from doudi.office.audit.reads import flush_seen
from doudi.office.desk.tests.office import COUNTY, OTHER_COUNTY, TOWNSHIP, household_of_jia, signed_in
from doudi.office.look import panels
from doudi.office.look.panels import Mark, Panel
from doudi.office.registry.models import Person
from doudi.office.registry.tests.people import observe, person

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


def test_the_dead_and_who_lives_elsewhere_are_marked_and_do_not_count_as_at_home() -> None:
    home = household_of_jia()
    with system_scope("test"):
        wife = Person.objects.get(household=home, role="spouse")
        observe(wife, "2020-07-02", "cremation_list", is_deceased=True, died_on="2020-07-01", birth_date="1937-07-02")
        observe(person("贾远", home, "child"), "2020-07-02", lives_here=False)
    clerk = signed_in("township", TOWNSHIP)
    page = clerk.get(f"/households/{home.pk}").content.decode()
    assert "2020-07-01 去世" in page and "不住在这里" in page and "在家 1 人 · 名单 3 人" in page
    assert ">82</td>" in page  # as old as she became


def test_a_death_after_the_day_is_not_told_before_it() -> None:
    home = household_of_jia()
    with system_scope("test"):
        wife = Person.objects.get(household=home, role="spouse")
        observe(wife, "2020-07-02", is_deceased=True, died_on="2020-07-25")
    page = signed_in("township", TOWNSHIP).get(f"/households/{home.pk}").content.decode()
    assert "去世" not in page.split('id="members"')[1] and "2 人" in page
