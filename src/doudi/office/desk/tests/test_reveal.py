"""A full number is an act: asked with a purpose, shown once, in the trail before the answer."""

from __future__ import annotations

import pytest

from doudi.office.access import system_scope
from doudi.office.access.sealing import seal_text
from doudi.office.audit.models import Entry
from doudi.office.desk.tests.office import COUNTY, OTHER_COUNTY, TOWNSHIP, household_of_jia, signed_in
from doudi.office.registry.models import Person

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
NUMBER = "341599196803110299"


def address_of_jia() -> str:
    home = household_of_jia()
    with system_scope("test"):
        head = Person.objects.get(pk=home.head_id)
        head.number = seal_text("registry_person", "number", head.pk, NUMBER)
        head.save()
    return f"/households/{home.pk}/persons/{head.pk}/number"


def entries() -> list[Entry]:
    with system_scope("test"):
        return list(Entry.objects.filter(act="access.revealed"))


def test_the_page_masks_and_the_form_asks_for_a_purpose() -> None:
    address = address_of_jia()
    clerk = signed_in("township", TOWNSHIP)
    page = clerk.get(address.split("/persons")[0]).content.decode()
    assert NUMBER not in page and "****" in page and address in page
    assert "选一个事由" in clerk.get(address).content.decode()
    assert entries() == []


def test_with_a_purpose_the_number_is_shown_and_the_trail_holds_it() -> None:
    address = address_of_jia()
    clerk = signed_in("township", TOWNSHIP)
    shown = clerk.post(address, {"purpose": "identity_check"}, headers={"HX-Request": "true"})
    assert NUMBER in shown.content.decode() and "<html" not in shown.content.decode()
    assert "no-store" in shown["Cache-Control"]
    assert [(e.by, e.purpose) for e in entries()] == [("township", "identity_check")]
    assert "看全：贾守田 证件号码" in clerk.get(address.split("/persons")[0] + "?tab=seen").content.decode()


def test_without_a_known_purpose_nothing_is_shown_and_nothing_recorded() -> None:
    address = address_of_jia()
    for purpose in ("", "curiosity"):
        shown = signed_in("township", TOWNSHIP, f"clerk-{purpose}").post(address, {"purpose": purpose})
        assert NUMBER not in shown.content.decode() and "先选事由" in shown.content.decode()
    assert entries() == []


def test_not_yours_is_not_there_and_the_auditor_may_not_look() -> None:
    address = address_of_jia()
    assert signed_in("county", OTHER_COUNTY).post(address, {"purpose": "identity_check"}).status_code == 404
    assert (
        signed_in("county", COUNTY, "mine").post(address[:-6] + "name", {"purpose": "identity_check"}).status_code
        == 404
    )
    assert signed_in("auditor", COUNTY).post(address, {"purpose": "identity_check"}).status_code == 403
    assert entries() == []
