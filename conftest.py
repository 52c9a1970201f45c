"""The test databases: migrated once per process by the owner; tests then work on the walled alias `default`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import SimpleTestCase

SimpleTestCase._disallowed_connection_methods = []  # a system job inside a test opens the alias `system` by itself


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment: None, django_db_blocker: object) -> Iterator[None]:
    from django.core.management import call_command
    from django.db import connections

    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        call_command("migrate", verbosity=0, run_syncdb=True, database="owner")
        connections.close_all()
    yield
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        connections.close_all()


@pytest.fixture(autouse=True)
def _chinese() -> None:
    """A request in English leaves its language active in the thread; the next test starts in Chinese."""
    from django.conf import settings
    from django.utils import translation

    translation.activate(settings.LANGUAGE_CODE)
