"""Clues as work of the day: two counts that agree, the weightiest first, others see what was sent."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from doudi.office.access import system_scope
from doudi.office.access.models import User
from doudi.office.access.scopes import scope
from doudi.office.monitoring.models import Finding
from doudi.office.monitoring.tests.office import AT, COUNTY, MONDAY, TOWNSHIP, finding, household, signed_in
from doudi.office.monitoring.waiting import Clues

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def test_counts_by_term_add_up_to_the_total_and_each_leads_to_its_rows() -> None:
    with system_scope("test"):
        for code, days in (("late", -1), ("today", 0), ("soon", 3), ("far", 4), ("open", None)):
            made = finding(household(code), code, "sent")
            Finding.objects.filter(pk=made.pk).update(due_on=None if days is None else MONDAY + timedelta(days=days))
    signed_in("county", COUNTY)
    with scope(User.objects.get(), "work", on=MONDAY) as mine:
        counts = Clues().counts(mine, MONDAY)
        assert (
            counts == {"overdue": 1, "today": 1, "soon": 1, "later": 1, "undated": 1}
            and Clues().total(mine, MONDAY) == 5
        )
        for due, n in counts.items():
            assert len(Clues().tasks(mine, MONDAY, due, 20)) == n
        assert Clues().tasks(mine, MONDAY, "overdue", 20)[0].who == "late"


def test_a_township_waits_for_what_was_sent_and_the_auditor_for_nothing() -> None:
    with system_scope("test"):
        finding(household(), "quiet")
        finding(household(), "sent", "sent")
    for role, area, n in (("township", TOWNSHIP, 1), ("county", COUNTY, 2), ("auditor", COUNTY, 0)):
        signed_in(role, area)
        with scope(User.objects.get(username=role), "work", on=MONDAY) as mine:
            assert Clues().total(mine, MONDAY) == n


def test_what_was_closed_today_counts_as_done_on_the_local_day() -> None:
    with system_scope("test"):
        finding(household())
        Finding.objects.update(
            state="closed", settled_at=AT.replace(day=19, hour=17), settled_by="x", settled_reason="y"
        )
    signed_in("county", COUNTY)
    with scope(User.objects.get(), "work", on=MONDAY) as mine:
        assert Clues().done(mine, MONDAY) == 1, "17:00 in UTC is one o'clock of the next day here"
        assert Clues().done(mine, date(2020, 7, 19)) == 0
