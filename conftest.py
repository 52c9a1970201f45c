"""The test databases: migrated once per process by the owner; tests then work on the walled alias `default`."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.test import SimpleTestCase

from tests import counts


def _open_to_every_alias(cls: type[SimpleTestCase]) -> None:
    cls.databases = cls._validate_databases()


# A system job inside a test opens the alias `system` by itself; Django forbids what a test does not name.
SimpleTestCase._add_databases_failures = classmethod(_open_to_every_alias)
SimpleTestCase._remove_databases_failures = classmethod(lambda cls: None)


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
    from django.utils import translation

    translation.activate(settings.LANGUAGE_CODE)


@pytest.fixture
def nationwide(db: None) -> Iterator[None]:
    """The test sees every area, as a system job does."""
    from doudi.office.access import system_scope

    with system_scope("test"):
        yield


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if file := os.environ.get(counts.FILE):
        counts.write(Path(file), terminalreporter.stats)


def pytest_unconfigure() -> None:
    shutil.rmtree(settings.DATA_DIR, ignore_errors=True)  # a worker ends without running what atexit holds
