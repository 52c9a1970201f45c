"""Where a page can be read, it can be asked for without its body."""

from __future__ import annotations

import pytest
from django.test import RequestFactory

from doudi.office.desk.tests.office import COUNTY, household_of_jia, signed_in
from doudi.office.monitoring.tests.office import one_clue
from doudi.wsgi import application
from tests.walk.routes import routes

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def test_head_answers_as_get_does_on_every_page() -> None:
    home, clue = household_of_jia(), one_clue("sent")
    member = home.head_id
    fill = {"<uuid:id>": str(home.pk), "<uuid:person_id>": str(member), "<str:field>": "number"}
    county, auditor = signed_in("county", COUNTY), signed_in("auditor", COUNTY)
    for route in routes():
        path = route.pattern if "settle" not in route.pattern else route.pattern.replace("<uuid:id>", str(clue.pk))
        for name, value in fill.items():
            path = path.replace(name, value)
        client = auditor if path == "audit" else county
        said, told = client.get(f"/{path}"), client.head(f"/{path}")
        assert (told.status_code, told.content) == (said.status_code, b""), path
        assert said.status_code in (200, 302, 401, 405), path


def test_no_body_goes_to_the_server_with_a_head(rf: RequestFactory) -> None:
    said: list[list[tuple[str, str]]] = []
    answer = application(rf.head("/login").environ, lambda status, headers: said.append(headers))
    assert b"".join(answer) == b"" and int(dict(said[0])["Content-Length"]) > 1000
