"""The guard on SQLite's one writer."""

from __future__ import annotations

import time

import pytest
from django.db import connection, transaction

from doudi.office.jobs.models import Job
from doudi.office.jobs.writes import watched

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "sqlite", reason="SQLite only"),
]


def test_a_long_write_transaction_is_counted_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    with watched() as held, transaction.atomic():
        time.sleep(0.21)
    assert held.too_long == 1 and held.longest > 0.2
    assert "split it" in caplog.text


def test_a_short_one_and_a_read_are_not() -> None:
    with watched() as held:
        with transaction.atomic():
            Job.objects.filter(task="none").delete()
        Job.objects.count()
    assert (held.n, held.too_long) == (1, 0)


def test_a_rolled_back_one_is_counted_too() -> None:
    with watched() as held, pytest.raises(ZeroDivisionError), transaction.atomic():
        1 / 0  # noqa: B018
    assert held.n == 1
