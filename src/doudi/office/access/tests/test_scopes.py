from __future__ import annotations

from datetime import date

import pytest

from doudi.office.access.models import Post, Role, User
from doudi.office.access.scopes import (
    NoScope,
    NotAllowed,
    OutOfScope,
    current_scope,
    disjoint,
    ranges_of,
    reentered,
    scope,
    scope_or_none,
    system_scope,
)
from tests.walk.sample.models import House

pytestmark = pytest.mark.django_db
VILLAGE, OTHER, COUNTY = "341503102201", "341503103200", "341503000000"


@pytest.fixture
def cadre() -> User:
    user = User.objects.create_user("cadre", None, full_name="贾守门")
    for area in (VILLAGE, "341503102202"):
        Post.objects.create(user=user, role=Role.VILLAGE, area_code=area, starts_on=date(2020, 1, 1))
    Post.objects.create(
        user=user, role=Role.COUNTY, area_code=COUNTY, starts_on=date(2019, 1, 1), ends_on=date(2020, 7, 20)
    )
    return user


def test_ranges_are_disjoint_and_cover_what_was_given() -> None:
    assert ranges_of([VILLAGE, COUNTY, "520502000000"]) == (("341503000000", "341503:"), ("520502000000", "520502:"))
    assert disjoint([("1", "3"), ("2", "4"), ("6", "7")]) == (("1", "4"), ("6", "7"))
    assert ranges_of(["000000000000"]) == (("000000000000", ":"),)


def test_a_manager_without_scope_raises_and_not_only_when_rows_are_read() -> None:
    with pytest.raises(NoScope):
        House.objects.all()
    with pytest.raises(NoScope):
        House._base_manager.all()
    with pytest.raises(NoScope):
        House(area_code=VILLAGE).save()


def test_a_user_works_in_all_areas_of_the_role_and_in_none_of_another_role(cadre: User) -> None:
    with scope(cadre, "visit") as mine:
        assert mine.role == "village"
        assert mine.covers(VILLAGE) and mine.covers("341503102202")
        assert not mine.covers(COUNTY) and not mine.covers(OTHER)


def test_a_post_counts_from_its_first_day_to_the_day_before_its_last(cadre: User) -> None:
    with scope(cadre, "x", role="county", on=date(2020, 7, 19)) as mine:
        assert mine.covers(OTHER)
    with pytest.raises(NotAllowed), scope(cadre, "x", role="county", on=date(2020, 7, 20)):
        pass
    with pytest.raises(NotAllowed), scope(cadre, "x", on=date(2018, 12, 31)):
        pass


def test_the_scope_ends_also_when_the_work_fails(cadre: User) -> None:
    with pytest.raises(ZeroDivisionError), scope(cadre, "visit"):
        _ = 1 / 0
    assert scope_or_none() is None
    with pytest.raises(NoScope):
        current_scope()


def test_an_insert_elsewhere_is_refused_in_front(cadre: User) -> None:
    with scope(cadre, "visit"):
        House.objects.create(area_code=VILLAGE, name="mine", number="1")
        with pytest.raises(OutOfScope):
            House.objects.create(area_code=OTHER, name="theirs", number="2")
        with pytest.raises(OutOfScope):
            House.objects.bulk_create([House(area_code=OTHER, name="theirs", number="2")])


def test_a_job_enters_again_what_was_kept_and_only_while_the_user_works_here(cadre: User) -> None:
    with scope(cadre, "visit") as mine:
        kept = mine.to_json()
    with reentered(kept) as again:
        assert again == mine
    cadre.is_active = False
    cadre.save()
    with pytest.raises(NotAllowed), reentered(kept):
        pass


def test_a_system_job_sees_everything_and_says_its_name(cadre: User) -> None:
    with scope(cadre, "visit"):
        House.objects.create(area_code=VILLAGE, name="mine", number="1")
    with system_scope("compare-counties") as job:
        assert job.covers(OTHER) and job.job == "compare-counties"
        assert House.objects.count() == 1
    with pytest.raises(NoScope):
        House.objects.count()
