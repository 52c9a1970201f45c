"""The business clock at the edge."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command
from django.core.management import execute_from_command_line as execute

from doudi.office.jobs.queries import business_clock


@pytest.fixture(autouse=True)
def _own_clock(settings: LazySettings, tmp_path: Path) -> None:
    settings.CLOCK_FILE = tmp_path / "clock"


def test_the_demo_opens_on_its_monday_and_survives_a_restart() -> None:
    first = business_clock()
    assert first.today().isoformat() == "2020-07-20"
    assert business_clock().offset == first.offset


def test_an_advanced_clock_holds_at_once() -> None:
    before = business_clock()
    call_command("clock", "--advance", "3d", stdout=io.StringIO())
    assert business_clock().offset - before.offset == timedelta(days=3)


def test_only_the_demo_advances_and_only_by_a_span(settings: LazySettings) -> None:
    with pytest.raises(CommandError, match="3d"):
        call_command("clock", "--advance", "soon")
    settings.DEMO = False
    with pytest.raises(CommandError, match="DOUDI_DEMO"):
        call_command("clock", "--advance", "3d")


def test_a_clock_sent_back_is_answered_in_our_words() -> None:
    with pytest.raises(CommandError, match=r"-3d.*forward"):
        execute(["doudi manage", "clock", "--advance", "-3d", "--traceback"])


@pytest.mark.slow
@pytest.mark.parametrize("value", ["yesterday", "2020-07-20T09:00:00"])
def test_an_odd_clock_stops_the_start_with_name_and_accepted_values(value: str, tmp_path: Path) -> None:
    env = {**os.environ, "DOUDI_CLOCK": value, "DOUDI_DEMO": "1", "DOUDI_DATA_DIR": str(tmp_path)}
    env.pop("DJANGO_SETTINGS_MODULE", None)
    command = [sys.executable, "-m", "doudi", "manage", "clock"]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "DOUDI_CLOCK" in done.stderr and "real" in done.stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_engine_commands_never_load_django() -> None:
    code = "import sys; from doudi.cli import app; sys.exit('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
