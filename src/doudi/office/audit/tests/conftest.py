from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.db import transaction

from doudi.office.audit.actions import record

Acts = Callable[..., None]


@pytest.fixture(autouse=True)
def _in_every_area(request: pytest.FixtureRequest) -> None:
    """Entries are read in a scope; the sealer and `verify` read all of them, as system jobs."""
    if request.node.get_closest_marker("django_db") or "db" in request.fixturenames:
        request.getfixturevalue("nationwide")


@pytest.fixture
def roots_dir(settings: LazySettings, tmp_path: Path) -> Path:
    """Roots and access lines of this test alone."""
    settings.ROOTS_DIR = tmp_path / "roots"
    settings.DATA_DIR = tmp_path
    return settings.ROOTS_DIR


@pytest.fixture
def acts(db: None) -> Acts:
    """Records n acts in a county."""

    def write(n: int, area: str = "341503104201") -> None:
        with transaction.atomic():
            for i in range(n):
                subject = ("registry.household", f"h{i}")
                record(
                    "registry.changed", subject, area=area, by="registry.import", at=datetime(2020, 7, 20, tzinfo=UTC)
                )

    return write
