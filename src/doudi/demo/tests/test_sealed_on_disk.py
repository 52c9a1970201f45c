"""Nothing an office leaves on its disk shows a number: database, write-ahead log, logs, runs, sessions, kept lines.

The office is a process of its own, killed once while the snapshot of a screening stands there, then used by hand.
"""

from __future__ import annotations

import csv
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from django.db import connection

from doudi.office.registry.importing.sheets import read
from tests.raw_search import find_clear

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(connection.vendor != "sqlite", reason="searches the files of an office on SQLite"),
]
NUMBER = re.compile(r"(?<!\d)(?:\d{17}[\dXx]|\d{15,19}|1[3-9]\d{9})(?!\d)")  # identity, account, mobile telephone
BUILD = """
from doudi.cli._office import open_office
open_office()
from django.core.management import call_command
call_command("migrate", verbosity=0, interactive=False)
from doudi.demo.office import build
build(60, 1, print)
"""
USE = """
import sys
from django.test import Client
from doudi.office.access.demo import PASSWORD
number = sys.argv[1]
for clerk in (Client(SERVER_NAME="127.0.0.1"), Client(SERVER_NAME="127.0.0.1")):
    clerk.post("/login", {"username": number, "password": number})
    assert clerk.post("/login", {"username": "county", "password": PASSWORD}).status_code == 302
    found = clerk.get("/search", {"q": number}, follow=True)
    assert found.status_code == 200 and "households/" in found.content.decode() + str(found.redirect_chain)
"""


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An office killed after its first screening, before the clues were filed: the write-ahead log is still open."""
    folder = tmp_path_factory.mktemp("office")
    assert run(folder, BUILD, DOUDI_FAILPOINT="monitoring.screened") == -9
    return folder


def run(folder: Path, script: str, *args: str, **settings: str) -> int:
    """Run a script in the office; what it says is a log like any other."""
    env = {k: v for k, v in os.environ.items() if not k.startswith("DOUDI_") and k != "DJANGO_SETTINGS_MODULE"}
    env |= {"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "DOUDI_DATA_DIR": str(folder), "DOUDI_DEMO": "1"}
    command = [sys.executable, "-c", script, *args]
    with (folder / "log").open("ab") as log:
        return subprocess.run(command, env=env | settings, stdout=log, stderr=log, check=False).returncode


def cells(folder: Path) -> Iterator[str]:
    for file in (*folder.glob("registers/*.csv"), *folder.glob("registers/*.xls*")):
        for line in read(file):
            yield from line.cells


def numbers(folder: Path) -> set[str]:
    return {found.upper() for cell in cells(folder) for found in NUMBER.findall(cell)}


def clear(folder: Path) -> list[str]:
    return [str(leak) for leak in find_clear(folder, numbers(folder), except_in=[folder / "registers"])]


def test_the_search_knows_the_numbers_of_every_list(data: Path) -> None:
    known = numbers(data)
    assert len(known) > 90
    assert {leak.number for leak in find_clear(data / "registers", known)} > {"341599196503121011"}


def test_a_killed_office_shows_no_number(data: Path) -> None:
    assert (data / "db.sqlite3-wal").stat().st_size > 0 and [*data.glob("runs/*/snapshot/*")]
    assert clear(data) == []


def test_the_snapshot_of_a_screening_holds_ids_and_no_word_that_could_be_a_name(data: Path) -> None:
    tables = {path.stem: path.read_text("utf-8") for path in data.glob("runs/*/snapshot/*.csv")}
    assert tables.keys() >= {"person", "household"}
    people = list(csv.DictReader(tables["person"].splitlines()))
    assert len(people) > 60 and all(str(UUID(p["person_id"])) == p["person_id"] for p in people)
    assert not any(re.search(r"[\u4e00-\u9fff]", text) for text in tables.values())


def test_an_office_in_use_shows_no_number(data: Path) -> None:
    typed = "341599196503121011"
    assert run(data, BUILD + USE, typed) == 0, (data / "log").read_text("utf-8")[-2000:]
    assert not [*data.glob("runs/*/snapshot")] and not [*data.glob("imports/*")]
    assert clear(data) == []
