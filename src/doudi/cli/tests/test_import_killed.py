"""An import whose worker is killed inside a chunk and between two: nothing is lost, nothing is there twice."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from doudi.cli.tests.serving import Office, environment, until

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(connection.vendor != "sqlite", reason="the office that is killed has a SQLite file of its own"),
]
LINES = 900  # four chunks
ASK = """
import sys
from pathlib import Path
from doudi.cli._office import open_office
open_office()
from django.core.management import call_command
call_command("migrate", verbosity=0, interactive=False)
from django.db import transaction
from doudi.demo.office import COUNTY, SINCE
from doudi.office.access import system_scope
from doudi.office.jobs.actions import later
from doudi.office.jobs.queries import business_clock
from doudi.office.law.actions import activate, install
from doudi.office.law.queries import pack_of
from doudi.office.registry.actions import import_batch, load_areas

at, job = business_clock().now(), "test"
with system_scope(job):
    edition = install("cn", by=job, at=at)
    load_areas(COUNTY, on=at.date(), by=job, at=at)
    activate(edition, pack_of(edition), areas=[COUNTY], since=SINCE, by=job, at=at)
    register = "register:police_household_register"
    batch = import_batch(register, Path(sys.argv[1]), area=COUNTY, observed_on=at.date(), by=job, at=at)
    with transaction.atomic():
        later("registry.accept", batch.pk)
"""


def number(n: int) -> str:
    """The n-th invented identity number, with its check digit."""
    first = f"34159919{40 + n // 300:02}0101{n % 300 + 1:03}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return first + "10X98765432"[sum(int(d) * w for d, w in zip(first, weights, strict=True)) % 11]


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """An office with one list to bring in, whose worker dies after a chunk, and the next one within a chunk."""
    data = tmp_path / "data"
    env = environment(data)
    couples = ((n, f"甄{n:04}", number(n), ("配偶" if n % 2 else "户主"), n // 2) for n in range(LINES))
    rows = [f"{name},{id},江店村,{role},{home}" for _, name, id, role, home in couples]
    (tmp_path / "list.csv").write_text("\n".join(["姓名,身份证号,村,与户主关系,户号", *rows]), "utf-8")
    subprocess.run([sys.executable, "-c", ASK, str(tmp_path / "list.csv")], env=env, check=True)
    between, inside = tmp_path / "between", tmp_path / "inside"
    between.touch()
    armed = f"registry.chunk_accepted@{between},registry.chunk_written@{inside}"
    running = Office(data, DOUDI_FAILPOINT=armed, DOUDI_JOB_LEASE="1")
    yield running
    if running.process.poll() is None:
        running.stop()


def asked(office: Office, question: str) -> Any:
    with closing(sqlite3.connect(office.data / "db.sqlite3", timeout=5)) as database:
        return database.execute(question).fetchone()


def test_an_import_killed_twice_holds_every_line_once_and_pages_stay_open(office: Office, tmp_path: Path) -> None:
    job = "SELECT state, attempts FROM jobs_job WHERE task = 'registry.accept'"
    until(lambda: not (tmp_path / "between").exists())
    (tmp_path / "inside").touch()
    kept = asked(office, "SELECT mark, (SELECT count(*) FROM registry_person) FROM registry_batch")
    assert kept[0] == kept[1] + 1 < LINES, "the head of the list and the people of the chunks that were accepted"
    until(lambda: not (tmp_path / "inside").exists())
    assert asked(office, "SELECT mark, (SELECT count(*) FROM registry_person) FROM registry_batch") == kept
    pages = []

    def done() -> bool:
        pages.extend(office.status(page) for page in ("/login", "/readyz"))
        return bool(asked(office, job)[0] == "done")

    until(done)
    assert asked(office, job) == ("done", 3) and set(pages) == {200}
    state, mark, rows, counts = asked(office, "SELECT state, mark, rows, counts FROM registry_batch")
    assert (state, mark, rows) == ("accepted", LINES + 1, LINES + 1)
    assert {k: n for k, n in json.loads(counts).items() if n} == {"new": LINES, "ignored": 1}
    for table, column, n in (
        ("registry_person", "number_index", LINES),
        ("registry_identity", "number_index", LINES),
        ("registry_observation", "person_id", LINES),
        ("registry_membership", "person_id || kind", 2 * LINES),  # in the book, and living there
        ("registry_household", "id", LINES),  # a book and a home for each couple
    ):
        found = asked(office, f"SELECT count(*), count(DISTINCT {column}) FROM {table}")
        assert found == (n, n), table
    heads = asked(office, "SELECT count(DISTINCT head_id), count(*) FROM registry_household WHERE kind = 'living'")
    assert heads == (LINES // 2, LINES // 2)
    with closing(sqlite3.connect(office.data / "db.sqlite3")) as database:
        entries = database.execute("SELECT detail FROM audit_entry WHERE act = 'registry.rows_accepted' ORDER BY id")
        chunks = [(entry["from"], entry["to"]) for (text,) in entries if (entry := json.loads(text))]
    assert [first for first, _ in chunks] == [1, *(last + 1 for _, last in chunks[:-1])] and chunks[-1][1] == mark
