from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from django.db import connection

from doudi.engine.values import AreaCode
from doudi.office.access import scope, system_scope
from doudi.office.access.models import Post, Role, User
from doudi.office.registry.actions import load_areas
from doudi.office.registry.queries import search
from doudi.office.registry.queries.search import _matching
from doudi.office.registry.tests.people import AT, OTHER_COUNTY, OTHER_VILLAGE, VILLAGE, home, person

pytestmark = pytest.mark.django_db
JULY = date(2020, 7, 20)


@pytest.fixture(autouse=True)
def people() -> Iterator[None]:
    with system_scope("test"):
        load_areas(AreaCode("341503000000"), on=JULY, by="test", at=AT)
        person("梅桂英", home(OTHER_VILLAGE))
        person("梅桂兰", home(VILLAGE))
        person("单桂英", home(VILLAGE))
        person("梅桂英", home(OTHER_COUNTY))
        yield


def names(text: str) -> list[str]:
    return [line.name for line in search(text).items]


@pytest.mark.slow
def test_people_are_found_by_name_reading_initials_and_village() -> None:
    assert names("梅桂英") == ["梅桂英", "梅桂英"]
    assert names("梅桂") == ["梅桂兰", "梅桂英", "梅桂英"]
    assert names("sgy") == ["单桂英"]
    assert names("shan") == ["单桂英"]
    assert names("shanguiying") == names("shangui") == names("shanguiy") == names("shan gui ying") == ["单桂英"]
    assert names("MeiGuiLan") == ["梅桂兰"] and names("meiguizhong") == []
    assert names("江店 梅") == ["梅桂兰"]
    assert names("英") == names("") == []


@pytest.mark.slow
def test_a_name_is_found_by_its_given_part_and_with_blanks_inside() -> None:
    person("欧阳守田", home(VILLAGE))
    assert names("桂英") == ["梅桂英", "梅桂英", "单桂英"]
    assert names("守田") == names("阳守田") == names("欧阳 守田") == names("欧阳守 田") == ["欧阳守田"]
    assert names("梅桂 兰") == names("梅 桂兰") == names("梅 桂 兰") == ["梅桂兰"]
    assert names("江店 桂兰") == ["梅桂兰"] and names("兰") == []


def test_every_range_of_a_name_is_served_by_an_index() -> None:
    with connection.cursor() as cursor:
        if connection.vendor != "sqlite":
            cursor.execute("SET LOCAL enable_seqscan = off")
        plans = [_matching(words).explain() for words in (["守田"], ["mei"], ["甄水", "生"], ["江店", "梅"], ["桂"])]
    for plan in plans:
        assert "Seq Scan on registry_person" not in plan, plan
        assert "MULTI-INDEX OR" in plan or connection.vendor != "sqlite", plan


@pytest.mark.slow
def test_only_people_of_the_scope_are_found() -> None:
    user = User.objects.create_user("county", None, full_name="甄科长")
    Post.objects.create(user=user, role=Role.COUNTY, area_code="341503000000", starts_on=date(2020, 1, 1))
    with scope(user, "assistance", on=JULY):
        assert [line.area_code for line in search("梅桂英").items] == [OTHER_VILLAGE]


@pytest.mark.slow
def test_pages_follow_one_another_and_end() -> None:
    first = search("mei", limit=2)
    second = search("mei", after=first.next, limit=2)
    assert [line.name for line in first.items + second.items] == ["梅桂兰", "梅桂英", "梅桂英"]
    assert first.next and not second.next
    assert (first.n, first.n_elsewhere, second.n, second.n_elsewhere) == (3, 1, 3, 2)
    assert len({line.id for line in first.items + second.items}) == 3


@pytest.mark.slow
def test_loading_a_countys_areas_again_adds_nothing() -> None:
    assert load_areas(AreaCode("341503000000"), on=JULY, by="test", at=AT) == 0
    with pytest.raises(ValueError, match="no county"):
        load_areas(AreaCode("341599000000"), on=JULY, by="test", at=AT)
