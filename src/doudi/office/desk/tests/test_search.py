from __future__ import annotations

from uuid import UUID

import pytest

from doudi.office.access import system_scope
from doudi.office.access.sealing import seal_text
from doudi.office.desk.tests.office import COUNTY, OTHER_COUNTY, TOWNSHIP, household_of_jia, signed_in
from doudi.office.registry import queries as registry
from doudi.office.registry.models import Person
from doudi.office.registry.queries import PersonLine, SearchPage
from doudi.office.registry.sealing import number_index

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
NUMBER = "341599196803110299"


def test_one_hit_opens_its_household() -> None:
    home = household_of_jia()
    answer = signed_in("county", COUNTY).get("/search", {"q": "jst"})
    assert answer["Location"] == f"/households/{home.pk}"


def test_several_hits_are_listed_and_an_empty_search_says_how() -> None:
    household_of_jia(), household_of_jia()
    clerk = signed_in("county", COUNTY)
    answer = clerk.get("/search", {"q": "贾守田"})
    assert answer.content.decode().count('scope="row"') == 2
    assert (answer.context["line"].total, answer.context["line"].state) == (2, "balances")
    assert "想找谁" in clerk.get("/search").content.decode()


def test_another_county_finds_nobody_and_an_auditor_may_not_search() -> None:
    household_of_jia()
    assert "没有这个人" in signed_in("county", OTHER_COUNTY).get("/search", {"q": "贾守田"}).content.decode()
    assert signed_in("auditor", COUNTY).get("/search", {"q": "贾守田"}).status_code == 403


@pytest.mark.parametrize("after", ["x", "x|y", "|", "x|00000000-0000-0000-0000-000000000000"])
def test_an_odd_page_mark_breaks_nothing(after: str) -> None:
    answer = signed_in("county", COUNTY).get("/search", {"q": "贾", "after": after})
    assert answer.status_code in (200, 400)


def test_a_number_typed_into_the_box_stands_in_no_address_and_is_masked_on_the_page() -> None:
    home = household_of_jia()
    with system_scope("test"):
        seal_number(Person.objects.get(pk=home.head_id), NUMBER)
    clerk = signed_in("county", COUNTY)
    assert clerk.post("/search", {"q": NUMBER})["Location"] == f"/households/{home.pk}"
    nobody = clerk.post("/search", {"q": NUMBER[:-1] + "X"})
    assert nobody.status_code == 200 and NUMBER[3:15] not in nobody.content.decode()
    parted = clerk.post("/search", {"q": "341599 19680311 029X"}).content.decode()
    assert "341**************X</span>" in parted


def test_pages_of_a_search_by_digits_are_posted_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "search", lambda text, after: SearchPage(hits(), "x|" + str(hits()[0].id)))
    page = signed_in("county", COUNTY).post("/search", {"q": "1011"}).content.decode()
    assert "下一页" in page and "?q=" not in page and 'name="after"' in page


def test_a_list_too_long_to_count_says_so_and_ticks_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    many = SearchPage(hits(), "x|" + str(hits()[0].id), registry.COUNTED, registry.COUNTED)
    monkeypatch.setattr(registry, "search", lambda text, after: many)
    answer = signed_in("county", COUNTY).get("/search", {"q": "贾"})
    assert answer.context["line"].state == "incomplete" and "只数到这里" in answer.content.decode()


def test_a_search_by_words_goes_on_to_an_address_that_can_be_passed_on() -> None:
    household_of_jia(), household_of_jia()
    clerk = signed_in("county", COUNTY)
    answer = clerk.post("/search", {"q": "贾守田"}, follow=True)
    assert answer.redirect_chain[0][0] == "/search?q=%E8%B4%BE%E5%AE%88%E7%94%B0"
    assert answer.content.decode().count('scope="row"') == 2


@pytest.mark.parametrize("role", ["facility", "partner", "analyst", "sysadmin", "auditor", "secadmin"])
def test_who_may_not_search_is_offered_no_search(role: str) -> None:
    stranger = signed_in(role, COUNTY)
    for page in (stranger.get("/today", follow=True), stranger.get("/nowhere")):
        assert 'action="/search"' not in page.content.decode() and 'href="/search"' not in page.content.decode()
        assert "从上面的框里找人" not in page.content.decode()


def test_a_clerk_is_offered_the_search_where_an_address_leads_nowhere() -> None:
    assert 'href="/search"' in signed_in("village", TOWNSHIP).get("/nowhere").content.decode()


def hits() -> tuple[PersonLine, ...]:
    return tuple(PersonLine(UUID(int=n), UUID(int=n), "贾守田", "head", "341503203204", "", 1968) for n in range(2))


def seal_number(person: Person, number: str) -> None:
    person.number = seal_text("registry_person", "number", person.pk, number)
    person.number_index = number_index(number)
    person.save()
