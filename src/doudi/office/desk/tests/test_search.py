from __future__ import annotations

import pytest

from doudi.office.desk.tests.office import COUNTY, OTHER_COUNTY, household_of_jia, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def test_one_hit_opens_its_household() -> None:
    home = household_of_jia()
    answer = signed_in("county", COUNTY).get("/search", {"q": "jst"})
    assert answer["Location"] == f"/households/{home.pk}"


def test_several_hits_are_listed_and_an_empty_search_says_how() -> None:
    household_of_jia(), household_of_jia()
    clerk = signed_in("county", COUNTY)
    assert clerk.get("/search", {"q": "贾守田"}).content.decode().count('scope="row"') == 2
    assert "想找谁" in clerk.get("/search").content.decode()


def test_another_county_finds_nobody_and_an_auditor_may_not_search() -> None:
    household_of_jia()
    assert "没有这个人" in signed_in("county", OTHER_COUNTY).get("/search", {"q": "贾守田"}).content.decode()
    assert signed_in("auditor", COUNTY).get("/search", {"q": "贾守田"}).status_code == 403


@pytest.mark.parametrize("after", ["x", "x|y", "|", "x|00000000-0000-0000-0000-000000000000"])
def test_an_odd_page_mark_breaks_nothing(after: str) -> None:
    answer = signed_in("county", COUNTY).get("/search", {"q": "贾", "after": after})
    assert answer.status_code in (200, 400)
