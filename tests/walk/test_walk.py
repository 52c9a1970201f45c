"""Every route × role × method × foreign id, in twin worlds of which only the other county differs."""

from __future__ import annotations

import importlib
from typing import Any

import pytest
from django.db import connection
from django.urls import path

from doudi.office.access.roles import Role
from doudi.office.access.scopes import Scope
from tests.walk import leaks
from tests.walk.routes import CannotFill, Route, routes
from tests.walk.walker import Alarm, walk
from tests.walk.worlds import World

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
ANSWERS_NOBODY_HERE = {"metrics"}  # it has a token of its own
# Together every role, a user with two areas, and nobody; in two parts, because two processes share the work.
AT_THE_DESK = ["our_county", "our_township", "our_village", "our_two_areas", "our_auditor", "anonymous"]
BESIDE = [f"our_{role}" for role in Role if f"our_{role}" not in AT_THE_DESK]


def names(found: list[Alarm]) -> set[str]:
    return {alarm.route.partition("/")[0] for alarm in found}


def of(views: list[Any]) -> set[str]:
    return {view.__name__ for view in views}


@pytest.fixture
def lowered(monkeypatch: pytest.MonkeyPatch) -> None:
    """The wall in the database lets everything pass, as if it had never been built."""
    wall = importlib.import_module(
        f"doudi.office.access.{'sqlite' if connection.vendor == 'sqlite' else 'postgres'}.wall"
    )
    stand_in = wall.stand_in

    def everywhere(cursor: Any, scope: Scope | None, *rest: Any) -> None:
        if scope is not None and not scope.is_system:
            scope = Scope(scope.user_id, scope.role, (("", "~"),), scope.purpose)
        stand_in(cursor, scope, *rest)

    monkeypatch.setattr(wall, "stand_in", everywhere)
    connection.close()


def test_every_route_declares_who_may_open_it() -> None:
    assert not [route.pattern for route in routes() if not hasattr(route.view, "access")]


@pytest.mark.parametrize("roles", [AT_THE_DESK, BESIDE], ids=["desk", "beside"])
def test_no_page_tells_ours_anything_of_the_other_county(roles: list[str]) -> None:
    found, opened = walk(wanted=roles.__contains__)
    assert "\n".join(map(str, found)) == ""
    unopened = {route.pattern for route in routes()} - opened - ANSWERS_NOBODY_HERE
    assert roles == BESIDE or not unopened, "no clerk could open these, so walking them proved nothing"


def test_planted_leaks_are_found_and_right_pages_raise_no_alarm() -> None:
    leaks._cache.clear()
    found, _opened = walk("tests.walk.leaks", ["our_county", "our_village"].__contains__)
    assert names(found) - {"*"} == of(leaks.OPEN)


def test_with_the_wall_lowered_the_leaks_it_closes_are_found_too(lowered: None) -> None:
    leaks._cache.clear()
    found, _opened = walk("tests.walk.leaks", ["our_county", "our_village"].__contains__)
    assert of(leaks.CLOSED_BY_THE_WALL) | of(leaks.OPEN) <= names(found)
    assert not [alarm for alarm in found if alarm.route.partition("/")[0] in of(leaks.RIGHT)]


def test_a_parameter_the_walk_cannot_fill_fails_it() -> None:
    with pytest.raises(CannotFill, match="ticket"):
        Route(str(path("calls/<uuid:ticket_id>", lambda request: None).pattern), None).paths(World())
