"""Today: counters over exactly the rows they lead to, the late first, and a bottom line that two queries made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest
from django.test import Client

from doudi.office.desk.tests.office import COUNTY, TOWNSHIP, signed_in
from doudi.office.look import work
from doudi.office.look.parts import Clock
from doudi.office.look.work import Due, Task, due_of

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@dataclass
class Desk:
    """A room with so many tasks of each due."""

    held: dict[Due, int] = field(default_factory=dict)
    forgotten: int = 0

    def total(self, scope: Any, today: date) -> int:
        return sum(self.held.values()) + self.forgotten

    def counts(self, scope: Any, today: date) -> Mapping[Due, int]:
        return self.held

    def tasks(self, scope: Any, today: date, due: Due, limit: int) -> Sequence[Task]:
        clock = Clock("overdue", "超 1 天") if due == "overdue" else None
        n = min(limit, self.held.get(due, 0))
        return [
            Task(due, clock, "线索核实", f"户{i}", "江店村", "大额医疗", "核实", "/x", since=date(2020, 7, 6))
            for i in range(n)
        ]

    def done(self, scope: Any, today: date) -> int:
        return 2


def page(monkeypatch: pytest.MonkeyPatch, client: Client, *rooms: Desk, **asked: str) -> str:
    monkeypatch.setattr(work, "sources", list(rooms))
    return client.get("/today", asked).content.decode()


def test_the_late_stand_first_and_each_counter_leads_to_its_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    clerk = signed_in("township", TOWNSHIP)
    shown = page(monkeypatch, clerk, Desk({"later": 2, "overdue": 1}), Desk({"overdue": 2}))
    assert shown.index('id="overdue"') < shown.index('id="later"')
    assert "超 1 天" in shown and "账平" in shown and "今天已办 4 件" in shown
    only = page(monkeypatch, clerk, Desk({"later": 2, "overdue": 1}), Desk({"overdue": 2}), due="overdue")
    assert only.count("线索核实") == 3


def test_a_task_that_no_group_counts_makes_the_bottom_line_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = page(monkeypatch, signed_in("township", TOWNSHIP), Desk({"today": 3}, forgotten=1))
    assert "差 1 件，查对" in shown and "账平" not in shown


def test_a_long_group_says_how_many_more_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = page(monkeypatch, signed_in("county", COUNTY), Desk({"later": 1200}))
    assert "还有 1,180 件" in shown and shown.count("线索核实") == 20


def test_a_long_group_by_itself_is_paged_and_an_odd_page_is_the_nearest(monkeypatch: pytest.MonkeyPatch) -> None:
    clerk = signed_in("county", COUNTY)
    room = Desk({"later": 120})
    first = page(monkeypatch, clerk, room, due="later")
    assert first.count("线索核实") == 50 and "第 1 页，共 3 页" in first and "?due=later&amp;page=2" in first
    last = page(monkeypatch, clerk, room, due="later", page="3")
    assert last.count("线索核实") == 20 and "户100<" in last and 'rel="next"' not in last
    assert page(monkeypatch, clerk, room, due="later", page="99").count("线索核实") == 20
    assert page(monkeypatch, clerk, room, due="later", page="x").count("线索核实") == 50
    assert "看全部" not in page(monkeypatch, clerk, room, due="never")


def test_the_first_tab_counts_what_is_in_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = page(monkeypatch, signed_in("county", COUNTY), Desk({"later": 1200, "today": 3}))
    assert '<span class="tab-word">今天</span><span class="tab-n">1,203</span>' in shown


def test_nothing_to_do_is_good_news(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "今天的都办完了" in page(monkeypatch, signed_in("county", COUNTY))


def test_a_village_worker_gets_a_phone_and_the_auditor_the_trail(monkeypatch: pytest.MonkeyPatch) -> None:
    village = page(monkeypatch, signed_in("village", "341503203204"), Desk({"soon": 2}))
    assert 'class="phone"' in village and "今天 2 户" in village
    auditor = signed_in("auditor", COUNTY)
    assert auditor.get("/today")["Location"] == "/audit"
    assert 'action="/search"' not in auditor.get("/audit").content.decode()


def test_a_day_stands_where_it_stands_seen_from_today() -> None:
    monday = date(2020, 7, 20)
    seen = [due_of(date(2020, 7, day), monday) for day in (19, 20, 21, 23, 24)]
    assert seen == ["overdue", "today", "soon", "soon", "later"]
    assert due_of(None, monday) == "undated"


def test_a_group_is_called_what_it_is_and_says_since_when_its_tasks_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    clerk = signed_in("county", COUNTY)
    shown = page(monkeypatch, clerk, Desk({"undated": 3}))
    assert "没定期限 3 件" in shown and shown.count("2020-07-06 起") == 3
    assert "三天以后到期" not in shown and "没定期限" not in page(monkeypatch, clerk, Desk({"later": 1}))
    assert "逾期" in shown, "asked for every morning"
