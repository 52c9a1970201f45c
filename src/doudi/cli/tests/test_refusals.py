"""Whatever is wrong with a place or an option: exit 2, with place, reason and remedy, and no traceback."""

from __future__ import annotations

import errno
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest

import doudi.cli.synth
from doudi.cli import main

SYNTH = ["--persons", "60", "--seed", "1", "--as-of", "2020-07-20"]


def refused(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *words: str, lang: str = "en") -> str:
    monkeypatch.setattr(sys, "argv", ["doudi", *words])
    monkeypatch.setenv("DOUDI_LANG", lang)
    with pytest.raises(SystemExit) as end:
        main()
    out, err = capsys.readouterr()
    assert (end.value.code, out) == (2, "") and "Traceback" not in err
    return err


@pytest.mark.slow
def test_a_place_that_cannot_be_written_is_named(monkeypatch: Any, capsys: Any, tmp_path: Path) -> None:
    assert "/proc/x1" in refused(monkeypatch, capsys, "synth", "/proc/x1", *SYNTH)
    (tmp_path / "file").write_text("")
    err = refused(monkeypatch, capsys, "synth", f"{tmp_path}/file/x", *SYNTH)
    assert f"{tmp_path}/file" in err and "not a folder" in err


@pytest.mark.parametrize("lists", ["", "/manifest.json", "/person", "/truth/lists"])
def test_lists_cannot_stand_where_the_snapshot_will(monkeypatch: Any, capsys: Any, tmp_path: Path, lists: str) -> None:
    out = tmp_path / "out"
    err = refused(monkeypatch, capsys, "synth", str(out), f"{out}{lists}", "--registers", *SYNTH)
    assert f"{out}{lists}" in err and not out.exists()


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(errno.ENOSPC, "No space left on device", "/data/out"), "/data/out: There is no space left"),
        (OSError(errno.EROFS, "Read-only file system", "/data/out"), "/data/out: This place can be read, not written"),
        (PermissionError(errno.EACCES, "Permission denied", "/data/out"), "/data/out: It is not allowed"),
        (OSError("something else"), "(something else)"),
        (duckdb.IOException("IO Error: No space left on device\nmore"), "There is no space left"),
        (duckdb.OutOfMemoryException("Out of Memory Error: x"), "--memory"),
    ],
)
def test_what_the_system_refuses_is_said_with_its_remedy(
    monkeypatch: Any, capsys: Any, error: Exception, said: str
) -> None:
    def fails(*_: Any, **__: Any) -> None:
        raise error

    monkeypatch.setattr(doudi.cli.synth, "write_population", fails)
    assert said in refused(monkeypatch, capsys, "synth", "/nowhere", *SYNTH)
    assert refused(monkeypatch, capsys, "synth", "/nowhere", *SYNTH, lang="zh").isascii() is False


@pytest.mark.parametrize("query", ["", "  ", "\t"])
def test_nothing_to_look_for_is_said(monkeypatch: Any, capsys: Any, query: str) -> None:
    assert "what to look for" in refused(monkeypatch, capsys, "area", query)


def test_place_reason_and_remedy_stand_apart_by_one_space(monkeypatch: Any, capsys: Any) -> None:
    for err in (
        refused(monkeypatch, capsys, "area", "999999"),
        refused(monkeypatch, capsys, "synth", "/nowhere", *SYNTH, "--division", "999999999999"),
    ):
        assert "  " not in err and ". " in err


def test_an_engine_that_is_none_is_told_from_one_that_is_not_installed(monkeypatch: Any, capsys: Any) -> None:
    assert "Use duckdb" in refused(monkeypatch, capsys, "screen", "x", "--out", "y", "--engine", "foo")
    assert "'doudi[spark]'" in refused(monkeypatch, capsys, "screen", "x", "--out", "y", "--engine", "spark")
    assert "--compact" in refused(monkeypatch, capsys, "screen", "--compact", "y")
