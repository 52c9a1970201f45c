"""Closing a clue: with a reason, by those who may, once."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, transaction

from doudi.office.access import system_scope
from doudi.office.access.models import User
from doudi.office.access.scopes import scope
from doudi.office.audit.models import Entry
from doudi.office.monitoring.models import Finding
from doudi.office.monitoring.tests.office import (
    COUNTY,
    MONDAY,
    OTHER_COUNTY,
    TOWNSHIP,
    finished_run,
    one_clue,
    signed_in,
)

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def kept() -> Finding:
    with system_scope("test"):
        return Finding.objects.get()


def n_entries() -> int:
    with system_scope("test"):
        return Entry.objects.filter(act="monitoring.settled").count()


def test_the_county_closes_a_clue_with_what_was_found_out() -> None:
    found = one_clue()
    county = signed_in("county", COUNTY, "甄科长")
    assert 'name="reason"' in county.get(f"/findings/{found.pk}/settle").content.decode()
    answer = county.post(f"/findings/{found.pk}/settle", {"reason": "已迁往合肥"})
    assert answer["Location"] == f"/households/{found.household_id}"
    closed = kept()
    assert (closed.state, closed.settled_by, closed.settled_reason) == ("closed", "甄科长", "已迁往合肥")
    page = county.get(f"/households/{found.household_id}").content.decode()
    assert "已迁往合肥" in page and "写核实结果" not in page
    assert "已迁往合肥" in county.get("/findings", {"state": "closed"}).content.decode()


def test_the_same_words_again_are_harmless_and_other_words_are_refused_with_who_closed_it() -> None:
    found = one_clue()
    county = signed_in("county", COUNTY, "甄科长")
    for _ in range(2):
        assert county.post(f"/findings/{found.pk}/settle", {"reason": "已迁出"}).status_code == 302
    assert n_entries() == 1
    second = county.post(f"/findings/{found.pk}/settle", {"reason": "查无此人"})
    assert second.status_code == 409 and "甄科长" in second.content.decode() and "已迁出" in second.content.decode()
    assert kept().settled_reason == "已迁出"


def test_a_button_is_a_verb_in_english_too() -> None:
    found = one_clue()
    county = signed_in("county", COUNTY)
    county.cookies["django_language"] = "en"
    assert ">Close the clue</button>" in county.get(f"/findings/{found.pk}/settle").content.decode()


def test_a_number_typed_into_the_words_is_starred_before_it_is_stored_and_the_form_says_so() -> None:
    found, number = one_clue(), "341599194001010018"
    county = signed_in("county", COUNTY)
    assert "打上星号" in county.get(f"/findings/{found.pk}/settle").content.decode()
    for _ in range(2):
        typed = {"reason": f"本人（{number}）电话 139 0000 1234"}
        assert county.post(f"/findings/{found.pk}/settle", typed).status_code == 302, "the same words are harmless"
    assert kept().settled_reason == "本人（341**************8）电话 139*******4"
    assert number not in county.get(f"/households/{found.household_id}").content.decode()


def test_no_other_way_into_the_column_keeps_a_number() -> None:
    one_clue()
    with system_scope("test"):
        Finding.objects.update(settled_reason="本人 341599194001010018")
    assert kept().settled_reason == "本人 341**************8"


def test_without_a_reason_nothing_is_closed() -> None:
    found = one_clue()
    assert signed_in("county", COUNTY).post(f"/findings/{found.pk}/settle", {"reason": " "}).status_code == 422
    assert kept().state == "unsent"


def test_a_township_closes_what_was_sent_to_it_and_sees_nothing_else() -> None:
    found = one_clue()
    township = signed_in("township", TOWNSHIP)
    assert township.post(f"/findings/{found.pk}/settle", {"reason": "核过"}).status_code == 404
    with system_scope("test"):
        Finding.objects.update(state="sent")
    assert township.post(f"/findings/{found.pk}/settle", {"reason": "核过"}).status_code == 302


@pytest.mark.parametrize(
    ("role", "area", "status"),
    [
        ("reviewer", COUNTY, 403),
        ("village", "341503203204", 403),
        ("auditor", COUNTY, 403),
        ("county", OTHER_COUNTY, 404),
    ],
)
def test_others_may_not(role: str, area: str, status: int) -> None:
    found = one_clue("sent")
    assert signed_in(role, area).post(f"/findings/{found.pk}/settle", {"reason": "核过"}).status_code == status
    assert kept().state == "sent" and n_entries() == 0


def test_a_clue_that_vanished_needs_no_closing() -> None:
    found = one_clue("vanished")
    assert signed_in("county", COUNTY).post(f"/findings/{found.pk}/settle", {"reason": "核过"}).status_code == 404


def test_a_township_cannot_hang_its_clue_on_a_run_it_does_not_see() -> None:
    found = one_clue("sent")
    with system_scope("test"):
        another = finished_run()
    signed_in("township", TOWNSHIP)
    with scope(User.objects.get(), "findings", on=MONDAY), pytest.raises(DatabaseError), transaction.atomic():
        Finding.objects.filter(pk=found.pk).update(last_run=another.pk)
    assert kept().last_run_id == found.last_run_id
