"""`doudi demo`: killed anywhere it goes on, a second start finds everything, and nobody else can reach it."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
DEMO = [sys.executable, "-m", "doudi", "demo", "--persons", "60", "--build-only"]
TABLES = ("registry_person", "registry_observation", "cases_entitlement", "monitoring_finding", "monitoring_run")


def run(data: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    env = {k: v for k, v in os.environ.items() if not k.startswith("DOUDI_") and k != "DJANGO_SETTINGS_MODULE"}
    env |= {"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "DOUDI_DATA_DIR": str(data), "DOUDI_DEMO": "1"}
    return subprocess.run(DEMO, env=env | settings, capture_output=True, text=True, check=False, timeout=300)


def rows(data: Path) -> dict[str, int]:
    with closing(sqlite3.connect(data / "db.sqlite3")) as db:
        return {table: db.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in TABLES}


def test_killed_within_a_list_and_while_filing_it_goes_on_without_doubling_anything(tmp_path: Path) -> None:
    for failpoint in ("registry.chunk_accepted", "monitoring.filing"):
        killed = run(tmp_path, DOUDI_FAILPOINT=failpoint)
        assert killed.returncode == -9 and not (tmp_path / "demo-built").exists()
    halfway = rows(tmp_path)
    assert halfway["monitoring_finding"] > 0
    done = run(tmp_path, DOUDI_LANG="en")
    assert done.returncode == 0, done.stderr
    assert "households screened" in done.stdout and "Accounts" in done.stdout
    whole = rows(tmp_path)
    assert whole == {**halfway, "monitoring_run": 2}
    with closing(sqlite3.connect(tmp_path / "db.sqlite3")) as db:
        assert (
            db.execute("SELECT kind FROM registry_batch GROUP BY kind, area_code HAVING count(*) > 1").fetchall() == []
        )
        assert db.execute("SELECT kind FROM registry_batch WHERE mark <> rows OR state <> 'accepted'").fetchall() == []
    again = run(tmp_path, DOUDI_LANG="zh")
    assert again.returncode == 0 and "演示已经建好" in again.stdout and rows(tmp_path) == whole


@pytest.mark.parametrize(
    ("settings", "named"), [({"DOUDI_DEMO": "0"}, "DOUDI_DEMO=1"), ({"DOUDI_BIND": "0.0.0.0:8000"}, "DOUDI_DEMO")]
)
def test_without_the_flag_or_on_a_wider_address_nothing_is_built(
    settings: dict[str, str], named: str, tmp_path: Path
) -> None:
    done = run(tmp_path, **settings)
    assert done.returncode == 2 and named in done.stderr and not (tmp_path / "db.sqlite3").exists()
