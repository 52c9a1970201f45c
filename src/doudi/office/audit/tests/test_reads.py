"""Access lines: in a file before the answer, in the trail within seconds, once, whatever dies in between."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from doudi.office.audit import reads
from doudi.office.audit.actions import TrailUnwritable, circumstances, seen
from doudi.office.audit.models import Entry
from doudi.office.audit.queries import history_of
from doudi.office.audit.reads import flush_seen

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("roots_dir")]
AT = datetime(2020, 7, 20, 1, 2, 3, 4, tzinfo=UTC)
HOUSEHOLD = ("registry.household", "h1")


def look(subject: tuple[str, str] = HOUSEHOLD) -> None:
    seen(subject, by="desk.household", at=AT, area="341503104201", purpose="review")


def test_a_line_becomes_one_whole_entry() -> None:
    with circumstances(role="township", origin="10.0.0.7"):
        look()
    assert not Entry.objects.exists()
    assert (len(flush_seen()), flush_seen()) == (1, [])
    entry = history_of(HOUSEHOLD).get()
    assert (entry.act, entry.at, entry.role, entry.purpose) == ("access.opened", AT, "township", "review")
    assert (entry.origin, entry.area_code, entry.detail) == ("10.0.0.7", "341503104201", {})


def test_a_flush_that_died_before_the_file_was_removed_adds_nothing_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    look()
    monkeypatch.setattr(Path, "unlink", lambda self: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        flush_seen()
    monkeypatch.undo()
    assert (flush_seen(), Entry.objects.count()) == ([], 1)


def test_no_line_is_lost_while_writers_and_the_sealer_run_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reads, "_add", lambda entries: list(entries))
    with ThreadPoolExecutor(4) as pool:
        looks = [pool.submit(look, ("registry.household", f"h{i}")) for i in range(400)]
        n = 0
        while not all(done.done() for done in looks):
            n += len(flush_seen())
        for done in looks:
            done.result()
    assert n + len(flush_seen()) == 400


def test_lines_of_dead_processes_are_taken_too(tmp_path: Path) -> None:
    look()
    file = tmp_path / "seen" / f"{os.getpid()}.jsonl"
    file.rename(tmp_path / "seen" / "99999.jsonl")
    assert len(flush_seen()) == 1


def test_a_line_that_cannot_be_kept_stops_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int, data: bytes) -> int:
        raise OSError("no space left")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(TrailUnwritable):
        look()
