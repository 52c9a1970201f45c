"""The board and its list: who sees which clues, every area of the scope, sums from two sides, few questions."""

from __future__ import annotations

import re
from datetime import date

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from doudi.engine.words import Fault
from doudi.office.access import system_scope
from doudi.office.access.models import Post, User
from doudi.office.jobs.actions import later
from doudi.office.monitoring import filing
from doudi.office.monitoring.actions import screening_failed
from doudi.office.monitoring.filing import file_states
from doudi.office.monitoring.models import Run
from doudi.office.monitoring.tests.office import (
    COUNTY,
    OTHER_COUNTY,
    TOWNSHIP,
    clue,
    finding,
    finished_run,
    household,
    one_clue,
    signed_in,
)
from doudi.office.registry.tests.people import OTHER_VILLAGE, VILLAGE

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def page(client: Client, **asked: str) -> str:
    return client.get("/findings", asked).content.decode()


def test_before_it_is_sent_only_the_countys_desk_sees_a_clue() -> None:
    one_clue()
    assert "贾守田" in page(signed_in("county", COUNTY)) and "贾守田" in page(signed_in("reviewer", COUNTY))
    for role, area in (("township", TOWNSHIP), ("village", VILLAGE)):
        shown = page(signed_in(role, area))
        assert "贾守田" not in shown and "没有下发给你的线索" in shown and "户在册" not in shown
        assert "清零" not in shown, "the stamp is earned, never given for nothing"
        assert "比一比" not in shown and "<b>0</b> 条线索收到" in shown
        assert 'id="board-groups"' not in shown, "nobody chooses among one township"


def test_the_stamp_comes_when_what_was_sent_is_closed() -> None:
    found = one_clue("sent")
    township = signed_in("township", TOWNSHIP)
    assert "清零" not in page(township)
    township.post(f"/findings/{found.pk}/settle", {"reason": "核过"})
    shown = page(township)
    assert "清零" in shown and "<b>1</b> 条线索收到" in shown


def test_the_area_filter_offers_what_the_post_covers_and_no_more() -> None:
    with system_scope("test"):
        for n, area in enumerate((VILLAGE, OTHER_VILLAGE, "341503203001")):
            finding(household(f"贾{n}", area), f"c{n}", "sent")
    offered = {
        role: set(re.findall(r"area=(\d{12})", page(signed_in(role, area))))
        for role, area in (("township", TOWNSHIP), ("village", VILLAGE))
    }
    assert {VILLAGE, "341503203001"} <= offered["township"] and all(a[:9] == TOWNSHIP[:9] for a in offered["township"])
    assert offered["village"] == {VILLAGE} and "地区" not in page(signed_in("village", VILLAGE, "one"))


def test_what_was_sent_is_seen_below_in_its_own_area_and_counted_there() -> None:
    one_clue("sent")
    for role, area in (("township", TOWNSHIP), ("village", VILLAGE)):
        shown = page(signed_in(role, area))
        assert "贾守田" in shown and "条线索收到" in shown and "一条不少" in shown
    assert "贾守田" not in page(signed_in("village", OTHER_VILLAGE, "neighbour"))
    assert "贾守田" not in page(signed_in("county", OTHER_COUNTY, "far"))


def test_several_posts_show_all_their_areas() -> None:
    with system_scope("test"):
        finding(household(), "c1", "sent")
        finding(household("梅长贵", OTHER_VILLAGE), "c2", "sent")
        finding(household("甄明月", "341503203001"), "c3", "sent")
    cadre = signed_in("village", VILLAGE)
    Post.objects.create(user=User.objects.get(), role="village", area_code=OTHER_VILLAGE, starts_on=date(2020, 1, 1))
    shown = page(cadre)
    assert "贾守田" in shown and "梅长贵" in shown and "甄明月" not in shown
    assert "梅长贵" not in page(cadre, area=VILLAGE)


def test_an_area_of_somebody_else_is_not_there_and_an_odd_filter_is_refused() -> None:
    county = signed_in("county", COUNTY)
    for nowhere in ("520502001001", "341503203999", "341503999000"):
        assert county.get("/findings", {"area": nowhere}).status_code == 404, nowhere
    for odd in ({"area": "34"}, {"kind": "gossip"}, {"priority": "x"}, {"state": "sent"}, {"page": "0"}):
        assert county.get("/findings", odd).status_code == 400
    assert signed_in("auditor", COUNTY).get("/findings").status_code == 403


def test_filters_narrow_the_list() -> None:
    with system_scope("test"):
        finding(household(), "c1", priority=70)
        finding(
            household("梅长贵", OTHER_VILLAGE),
            "c2",
            kind="to_verify",
            due_amount=None,
            unknown=["savings_within_limit"],
        )
    county = signed_in("county", COUNTY)
    assert "梅长贵" not in page(county, priority="60") and "贾守田" in page(county, priority="60")
    assert "贾守田" not in page(county, kind="to_verify")
    assert "贾守田" not in page(county, area=OTHER_VILLAGE) and "梅长贵" in page(county, area=OTHER_VILLAGE)
    assert "不清楚" in page(county, kind="to_verify"), "an amount nobody knows is never 0"


def test_the_bottom_line_holds_the_runs_count_against_the_registry() -> None:
    with system_scope("test"):
        finding(household())
        file_states(Run.objects.get(), [(VILLAGE, "dibao", "missed", 1)])
    county = signed_in("county", COUNTY)
    assert "合计轧平" in page(county)
    with system_scope("test"):
        household("梅长贵")
    assert "差 1 户，查对" in page(county)


def test_the_bottom_line_still_holds_after_a_settlement_and_leads_to_both_lists() -> None:
    with system_scope("test"):
        first, second = finding(household()), finding(household("梅长贵"), "c2")
        file_states(first.last_run, [(VILLAGE, "dibao", "missed", 2)])
    county = signed_in("county", COUNTY)
    county.post(f"/findings/{second.pk}/settle", {"reason": "已迁出"})
    shown = page(county)
    assert "1 条线索未销号" in shown and "合计轧平" in shown
    assert re.search(r'href="\?#clues"><b>1</b> 线索未销号', shown)
    assert re.search(r'href="\?state=again#clues"><b>1</b> 线索已销号', shown)
    closed = page(county, state="again")
    assert "梅长贵" in closed and "贾守田" not in closed
    with system_scope("test"):
        later = finished_run()
        filing.file_clues(later, [clue(first.household)])
        file_states(later, [(VILLAGE, "dibao", "missed", 1), (VILLAGE, "dibao", "not_eligible", 1)])
    assert "合计轧平" in page(county) and "梅长贵" not in page(county, state="again")
    assert "梅长贵" in page(county, state="closed")


def test_without_a_pack_in_use_comparing_is_answered_with_where_and_who() -> None:
    county = signed_in("county", COUNTY)
    assert "/findings/compare" not in page(county) and "还没有启用政策库" in page(county)
    answer = county.post("/findings/compare")
    said = answer.content.decode()
    assert answer.status_code == 409 and "裕安区" in said and "系统管理员" in said
    with system_scope("test"):
        assert not Run.objects.exists()


@pytest.mark.parametrize("state", ["unsent", "sent", "vanished"])
def test_the_explanation_is_not_told_below_while_a_clue_is_unsent(state: str) -> None:
    home = one_clue(state).household_id
    told = {"household": "/households/{}", "why": "/households/{}/why"}
    county, township = signed_in("county", COUNTY), signed_in("township", TOWNSHIP)
    for address in told.values():
        assert "200.00" in county.get(address.format(home)).content.decode()
        below = township.get(address.format(home)).content.decode()
        assert ("200.00" in below) is (state != "unsent"), address


def test_only_the_county_may_screen_and_its_button_waits_while_one_runs() -> None:
    one_clue()
    assert "/findings/compare" not in page(signed_in("reviewer", COUNTY))
    county = signed_in("county", COUNTY)
    assert "/findings/compare" in page(county)
    with system_scope("test"):
        finished_run(state="running", finished_at=None)
        with transaction.atomic():
            later("monitoring.screen", COUNTY)
    assert "/findings/compare" not in page(county) and "关掉页面也会继续" in page(county)


def test_a_screening_that_failed_says_why_in_the_readers_language() -> None:
    with system_scope("test"):
        run = finished_run(state="running", finished_at=None)
        screening_failed(run.pk, [Fault("monitoring.child_failed", {"kind": "memory"})])
    county = signed_in("county", COUNTY)
    assert "比对中断（memory）" in page(county)
    county.cookies["django_language"] = "en"
    assert "broke off (memory)" in page(county)


def test_a_run_whose_job_is_gone_does_not_wait_for_ever() -> None:
    with system_scope("test"):
        finished_run(state="running", finished_at=None)
    assert "比对没有完成" in page(signed_in("county", COUNTY))


def test_the_board_asks_at_most_twelve_questions_however_long_the_list_is() -> None:
    with system_scope("test"):
        for n in range(30):
            finding(household(f"贾{n}"), f"c{n}")
    county = signed_in("county", COUNTY)
    page(county)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        page(county)
    assert len(asked) <= 12, "\n".join(q["sql"][:150] for q in asked)
