"""T22: the trail cannot be written: 503, no data shown, no change made."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from django.db import DatabaseError, transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import path

from doudi.office.audit.actions import record
from doudi.office.audit.circumstances import current
from doudi.office.audit.models import Entry
from doudi.office.jobs.models import Job


def change(request: HttpRequest) -> HttpResponse:
    now = datetime(2020, 7, 20, tzinfo=UTC)
    with transaction.atomic():
        Job.objects.create(task="jobs.example", subject_id="s", run_at=now, created_at=now)
        record("jobs.changed", ("jobs.job", "s"), by="test", at=now)
    return HttpResponse("secret")


change.access = SimpleNamespace(is_public=True)  # type: ignore[attr-defined]
urlpatterns = [path("change", change)]


@pytest.mark.django_db
@override_settings(ROOT_URLCONF=__name__)
def test_no_trail_no_act_and_no_data(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: object, **kwargs: object) -> None:
        raise DatabaseError("disk full")

    monkeypatch.setattr(Entry, "save", fail)
    answer = Client().post("/change")
    assert answer.status_code == 503 and b"secret" not in answer.content
    assert not Job.objects.exists()


@pytest.mark.django_db
@override_settings(ROOT_URLCONF=__name__)
def test_an_entry_says_where_the_request_came_from_and_the_next_one_does_not() -> None:
    assert Client(REMOTE_ADDR="127.0.0.9").post("/change").status_code == 200
    assert Entry.objects.get().origin == "127.0.0.9"
    assert current().origin == ""
