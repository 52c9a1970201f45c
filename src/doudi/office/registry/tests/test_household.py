from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from doudi.office.access import OutOfScope, scope, system_scope
from doudi.office.access.models import Post, Role, User
from doudi.office.registry.models import Membership
from doudi.office.registry.queries import household
from doudi.office.registry.tests.people import AT, OTHER_COUNTY, OTHER_VILLAGE, VILLAGE, home, observe, person

pytestmark = pytest.mark.django_db
JULY = date(2020, 7, 20)


@pytest.fixture(autouse=True)
def everywhere() -> Iterator[None]:
    with system_scope("test"):
        yield


def test_a_household_shows_its_members_head_first_and_each_fact_with_source_and_day() -> None:
    house = home()
    child, head = person("贾小禾", house, "child"), person("贾守田", house)
    observe(head, "2020-07-16", work_income="900.00", birth_date="1965-03-12")
    observe(child, "2020-07-16", birth_date="2004-11-20", sex="F")
    observe(house, "2020-07-16", savings="8000.00")
    view = household(house.pk, as_of=JULY)
    assert [m.name for m in view.members] == ["贾守田", "贾小禾"] and view.members[1].sex == "F"
    assert view.area == "安徽省六安市裕安区西河口乡江店村委会"
    wage = view.members[0].facts["work_income"]
    assert (wage.value, wage.source, wage.on) == ("900.00", "household_visit", date(2020, 7, 16))
    assert view.facts["savings"].value == "8000.00"


def test_as_of_an_earlier_day_shows_neither_later_facts_nor_later_members() -> None:
    house = home()
    head, wife = person("贾守田", house), person("吴巧云", house, "spouse")
    Membership.objects.filter(person=wife).update(started_on=date(2020, 7, 17))
    observe(head, "2020-07-16", work_income="900.00")
    before = household(house.pk, as_of=date(2020, 7, 15))
    assert [m.name for m in before.members] == ["贾守田"] and before.members[0].facts == {}


def test_what_the_office_knew_then_leaves_out_what_was_recorded_later() -> None:
    house = home()
    head = person("贾守田", house)
    observe(head, "2020-07-01", work_income="900.00")
    known = household(house.pk, as_of=JULY, known_at=AT - timedelta(days=1)).members[0].facts
    assert known == {}
    assert household(house.pk, as_of=JULY, known_at=AT).members[0].facts["work_income"].value == "900.00"


def test_another_countys_household_is_not_there() -> None:
    house = home(OTHER_COUNTY)
    user = User.objects.create_user("county", None, full_name="甄科长")
    Post.objects.create(user=user, role=Role.COUNTY, area_code="341503000000", starts_on=date(2020, 1, 1))
    with scope(user, "assistance", on=JULY), pytest.raises(OutOfScope):
        household(house.pk, as_of=JULY)
    with pytest.raises(OutOfScope):
        household("018f0000-0000-7000-8000-000000000000", as_of=JULY)


def test_nobody_lives_in_two_households_at_once() -> None:
    house, other = home(), home(OTHER_VILLAGE)
    head = person("贾守田", house)
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.create(area_code=VILLAGE, person=head, household=other)
    Membership.objects.create(area_code=VILLAGE, person=head, household=other, kind="book")
