from __future__ import annotations

import pytest
from django.db import connection, connections

from doudi.office.access.walls import WallDown

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has no roles"),
]


@pytest.mark.parametrize(("user", "why"), [("doudi_owner", "an owner of tables"), ("postgres", "a superuser")])
def test_the_office_refuses_to_start_as_owner_or_superuser(user: str, why: str) -> None:
    powerful = connection.copy(alias="default")
    powerful.settings_dict = {**connection.settings_dict, "USER": user}
    with pytest.raises(WallDown, match=why):
        powerful.ensure_connection()
    with pytest.raises(WallDown, match=why):
        powerful.cursor()  # a second try finds no half-open connection either


def test_the_tests_themselves_work_as_the_web_role() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, session_user")
        assert cursor.fetchone() == ("doudi_web", "doudi_web")


def test_the_web_role_may_not_touch_what_is_append_only_or_the_list_of_migrations() -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "SELECT has_table_privilege('doudi_web', 'sample_line', 'UPDATE'), "
            "has_table_privilege('doudi_web', 'sample_line', 'DELETE'), "
            "has_table_privilege('doudi_web', 'sample_line', 'INSERT'), "
            "has_table_privilege('doudi_web', 'django_migrations', 'INSERT')"
        )
        assert cursor.fetchone() == (False, False, True, False)
