from __future__ import annotations

import time
import zipfile
from datetime import date, datetime
from pathlib import Path

import pytest
from openpyxl import Workbook

from doudi.engine.words import Refused
from doudi.office.registry.importing.records import Unreadable, day, money, whole
from doudi.office.registry.importing.sheets import read


def cells(path: Path) -> list[list[str]]:
    return [line.cells for line in read(path)]


def refusal(path: Path) -> str:
    with pytest.raises(Refused) as refused:
        cells(path)
    return refused.value.faults[0].code


def test_a_workbook_gives_what_stands_in_its_cells_and_never_invents_digits(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    morning = datetime(2020, 7, 1, 9, 30)  # noqa: DTZ001  a workbook knows no zones
    sheet.append(["甲", date(2020, 7, 1), morning, 1200, 12.5, True, None, 341503196503121019])
    sheet.append([])
    sheet.append(["=1+1", "341503196503121019"])
    book.save(tmp_path / "a.xlsx")
    first, last = read(tmp_path / "a.xlsx")
    assert first.cells == ["甲", "2020-07-01", "2020-07-01 09:30:00", "1200", "12.5", "true", "", "3.41503E+17"]
    assert (last.row, last.cells[0], last.cells[1]) == (3, "", "341503196503121019")


def test_text_files_come_in_any_usual_encoding_and_delimiter(tmp_path: Path) -> None:
    for encoding, text in (("utf-8", "甲,乙"), ("utf-8-sig", "甲;乙"), ("gb18030", "甲\t乙"), ("utf-16", "甲,乙")):
        (tmp_path / "a.csv").write_bytes((text + "\n\n䶮,x\n".replace(",", text[1])).encode(encoding))
        assert cells(tmp_path / "a.csv") == [["甲", "乙"], ["䶮", "x"]], encoding


def test_what_would_unpack_to_too_much_is_refused_before_it_is_opened(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "bomb.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"0" * 2**25)
    assert refusal(tmp_path / "bomb.xlsx") == "import.too_large"


def test_what_is_no_table_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as archive:
        archive.writestr("word/document.xml", "<a/>")
    assert refusal(tmp_path / "a.xlsx") == "import.not_a_table"
    (tmp_path / "a.xls").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600)
    assert refusal(tmp_path / "a.xls") == "import.damaged"
    (tmp_path / "a.csv").write_bytes(b"a,b\0\0\n")
    assert refusal(tmp_path / "a.csv") == "import.not_a_table"
    (tmp_path / "b.csv").write_bytes(b"\xff\xff\xff,\xff")
    assert refusal(tmp_path / "b.csv") == "import.encoding"


@pytest.mark.parametrize("text", ["2020-07-01", "2020/7/1", "2020.7.1", "2020年7月1日", "20200701", "44013"])
def test_a_day_is_read_in_every_way_offices_write_it(text: str) -> None:
    assert day(text) == date(2020, 7, 1)


@pytest.mark.parametrize("text", ["2020-13-01", "7月1日", "2020", "昨天", "20201301"])
def test_what_is_no_day_is_not_guessed(text: str) -> None:
    with pytest.raises(Unreadable):
        day(text)


def test_amounts_become_text_with_two_decimals() -> None:
    said = ["1200", "1,200.5", "¥1200元", "433.333333", "0"]
    assert [money(t) for t in said] == ["1200.00", "1200.50", "1200.00", "433.33", "0.00"]
    for text in ("一千二", "1200左右", "1e3", "", "12 00x"):
        with pytest.raises(Unreadable):
            money(text)
    assert whole("3") == 3
    with pytest.raises(Unreadable):
        whole("2.5")


def test_a_sheet_that_holds_nothing_or_is_wider_than_a_list_is_refused_and_nothing_of_it_is_lost(
    tmp_path: Path,
) -> None:
    (tmp_path / "a.csv").write_bytes(b" ,\n\n")
    assert refusal(tmp_path / "a.csv") == "import.empty"
    (tmp_path / "b.csv").write_text("name\n" + "," * 250 + "x\n", "utf-8")
    assert refusal(tmp_path / "b.csv") == "import.too_wide"
    (tmp_path / "c.xlsx").write_bytes(b"\x89PNG\r\n\x1a\n" + b"picture")
    assert refusal(tmp_path / "c.xlsx") == "import.not_a_table"


@pytest.mark.slow
def test_one_far_cell_costs_no_time(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.cell(1, 1, "甲")
    sheet.cell(1_048_576, 200, "乙")
    book.save(tmp_path / "far.xlsx")
    began = time.process_time()
    assert [line.row for line in read(tmp_path / "far.xlsx")] == [1, 1_048_576]
    assert time.process_time() - began < 4
