from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from doudi.office.access import NotAllowed, scope, system_scope
from doudi.office.access.models import Post, Role, User
from doudi.office.audit.models import Entry
from doudi.office.registry.actions import observe
from doudi.office.registry.models import ListedFact, Observation
from doudi.office.registry.queries import household
from doudi.office.registry.saying import open_resolved
from doudi.office.registry.tests.files import AT, JULY, use_pack
from doudi.office.registry.tests.people import VILLAGE, home, person, source

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
TODAY = date(2020, 7, 20)


@pytest.fixture(autouse=True)
def office() -> Iterator[None]:
    with system_scope("test"):
        use_pack()
        yield


def test_what_a_visit_says_is_resolved_at_once_and_leaves_an_entry() -> None:
    house = home()
    head = person("贾守田", house)
    seen = source("household_visit")
    observe(head, {"work_income": "900.00", "serious_illness": True}, source=seen, observed_on=TODAY, by="test", at=AT)
    view = household(house.pk, as_of=JULY).members[0]
    assert view.facts["work_income"].value == "900.00"
    assert Entry.objects.get(act="registry.observed").detail == {
        "source": "household_visit",
        "facts": ["serious_illness", "work_income"],
    }


def test_a_sensitive_fact_stands_sealed_in_both_places_and_closed_on_the_page() -> None:
    head = person("贾守田", home())
    row = observe(head, {"serious_illness": True}, source=source("v"), observed_on=TODAY, by="test", at=AT)
    head.refresh_from_db()
    assert row.facts == {} and head.facts == {} and "serious_illness" not in head.origins
    assert open_resolved(head)["facts"] == {"serious_illness": True}
    shown = household(head.household_id, as_of=JULY).members[0].facts["serious_illness"]
    assert (shown.value, shown.why, shown.sensitive) == (None, "sealed", True)


def test_a_listed_fact_is_a_row_that_follows_the_resolved_value() -> None:
    house = home()
    seen = source("household_visit")
    observe(house, {"house_state": "safe"}, source=seen, observed_on=date(2020, 7, 1), by="test", at=AT)
    observe(house, {"house_state": "collapsed"}, source=seen, observed_on=TODAY, by="test", at=AT)
    assert list(ListedFact.objects.values_list("name", "value", "area_code")) == [("house_state", "collapsed", VILLAGE)]


def test_a_reviewer_does_not_change_what_is_known() -> None:
    house = home()
    user = User.objects.create_user("reviewer", None, full_name="吴复核")
    Post.objects.create(user=user, role=Role.REVIEWER, area_code="341503000000", starts_on=date(2020, 1, 1))
    seen = source("household_visit")
    with scope(user, "assistance", on=JULY), pytest.raises(NotAllowed):
        observe(house, {"savings": "1.00"}, source=seen, observed_on=TODAY, by=user, at=AT)
    assert not Observation.objects.exists()
