"""The search for clear numbers finds them in every dress; a search that cannot fail would prove nothing."""

from __future__ import annotations

import base64
import gzip
import sqlite3
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.raw_search import find_clear

NUMBER = "34159919400101991X"
PHONE = "13900001111"


def as_table(file: Path) -> None:
    with sqlite3.connect(file) as database:
        database.execute("CREATE TABLE t (a, b)")
        database.execute("INSERT INTO t VALUES (?, ?)", ("x", f"号{NUMBER}码"))
    database.close()


def as_sheet(file: Path) -> None:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("sheet1.xml", f"<v>{NUMBER}</v>")


WAYS: dict[str, Callable[[Path], object]] = {
    "text": lambda file: file.write_text(f"log: {NUMBER.lower()}", "utf-8"),
    "GB18030": lambda file: file.write_text(f"贾{NUMBER}", "gb18030"),
    "UTF-16": lambda file: file.write_text(f"贾{NUMBER}", "utf-16"),
    "hex": lambda file: file.write_bytes(b"\\x" + NUMBER.encode().hex().encode()),
    "base64": lambda file: file.write_bytes(b"a=" + base64.b64encode(b"{" + NUMBER.encode() + b"}")),
    "base64 shifted": lambda file: file.write_bytes(base64.urlsafe_b64encode(b"{} " + NUMBER.encode())[1:]),
    "base64 after one byte": lambda file: file.write_bytes(base64.b64encode(b"{" + NUMBER.encode())),
    "base64 after two bytes": lambda file: file.write_bytes(base64.b64encode(b"{}" + NUMBER.encode() + b"{}")),
    "gzip": lambda file: file.write_bytes(gzip.compress(NUMBER.encode())),
    "XLSX": as_sheet,
    "SQLite": as_table,
    "in a longer run": lambda file: file.write_text(f"00{NUMBER}", "utf-8"),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_number_is_found_however_it_is_written(tmp_path: Path, way: str) -> None:
    WAYS[way](tmp_path / "file")
    assert {leak.number for leak in find_clear(tmp_path, [NUMBER, PHONE])} == {NUMBER}


def test_other_numbers_and_places_of_clear_text_are_no_leaks(tmp_path: Path) -> None:
    (tmp_path / "registers").mkdir()
    (tmp_path / "registers" / "a.csv").write_text(NUMBER, "utf-8")
    (tmp_path / "log").write_text("13900001112 341599", "utf-8")
    assert find_clear(tmp_path, [NUMBER, PHONE], except_in=[tmp_path / "registers"]) == []
    assert len(find_clear(tmp_path, [NUMBER, PHONE])) == 1
