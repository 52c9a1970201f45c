from __future__ import annotations

import csv
import hashlib
from datetime import date
from pathlib import Path

import duckdb
import openpyxl
import pytest
from stdnum.cn import ric

from doudi.demo.registers import write_registers
from doudi.demo.synth import synth
from doudi.engine.values import BadIdNumber, IdNumber
from doudi.office.registry.importing.records import day

ON = date(2020, 7, 20)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """county/ the snapshot, lists/ the registers."""
    folder = tmp_path_factory.mktemp("registers")
    synth(folder / "county", persons=1_200, seed=7, as_of=ON)
    write_registers(folder / "county", folder / "lists", seed=7, as_of=ON)
    return folder


def lines(path: Path, encoding: str = "gb18030") -> list[dict[str, str]]:
    with path.open(encoding=encoding, newline="") as file:
        return list(csv.DictReader(file))


def cells(path: Path, sheet: int = 0) -> list[tuple]:
    return list(openpyxl.load_workbook(path).worksheets[sheet].iter_rows(values_only=True))


@pytest.mark.slow
def test_everybody_has_a_number_that_passes_every_check_and_cannot_be_issued(folder: Path) -> None:
    people = lines(folder / "lists/police_household_register.csv")
    numbers = [p["公民身份号码"] for p in people]
    assert len(numbers) == len(set(numbers)) > 1_200
    for number in numbers:
        assert number.startswith(("341599", "520599"))
        assert IdNumber.parse(number).number == number
        assert ric.calc_check_digit(number) == number[-1]


@pytest.mark.slow
def test_origin_says_which_row_of_the_snapshot_a_line_speaks_of(folder: Path) -> None:
    with duckdb.connect() as con:
        rows = con.execute(f"SELECT person_id, role FROM '{folder}/county/person/*.parquet'").fetchall()
    book = {p["origin"]: p["与户主关系"] for p in lines(folder / "lists/police_household_register.csv")}
    assert {i for i, _ in rows} <= set(book)
    assert all((book[i] == "户主") == (role == "head") for i, role in rows)


@pytest.mark.slow
def test_the_same_arguments_give_the_same_bytes_of_workbooks_too(folder: Path, tmp_path: Path) -> None:
    write_registers(folder / "county", tmp_path / "again", seed=7, as_of=ON)
    for path in (folder / "lists").iterdir():
        again = tmp_path / "again" / path.name
        assert hashlib.sha256(path.read_bytes()).digest() == hashlib.sha256(again.read_bytes()).digest(), path.name


@pytest.mark.slow
def test_a_roster_has_a_title_merged_heads_and_a_total_that_adds_up(folder: Path) -> None:
    sheet = openpyxl.load_workbook(folder / "lists/dibao_roster.xlsx").worksheets[0]
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[0][0] == "农村（城市）低保花名册"
    head = rows.index(next(r for r in rows if r[0] == "序号"))
    amount = rows[head].index("月补助金额")
    paid = [_yuan(r[amount]) for r in rows[head + 1 :] if isinstance(r[0], int)]
    (total,) = [r[amount] for r in rows if r[0] == "合计"]
    assert len(sheet.merged_cells.ranges) > len(paid)
    assert abs(total - sum(paid)) < 0.005


def _yuan(cell: str | float) -> float:
    return float(cell.replace(",", "").replace("元", "")) if isinstance(cell, str) else float(cell)


@pytest.mark.slow
def test_the_cast_stands_in_the_lists_as_its_sources_have_it(folder: Path) -> None:
    dead = {r["origin"]: r for r in lines(folder / "lists/cremation_list.csv", "utf-8-sig")}
    assert dead["p0602"]["身份证号"] == "341599193704121818"  # two digits swapped
    (bill,) = [r for r in lines(folder / "lists/large_medical_bills.csv") if r["origin"] == "p0102"]
    assert _yuan(bill["个人自付"]) == 38600
    hit = [r for r in cells(folder / "lists/disaster_moved_roster.xlsx") if r[-1] == "h08"]
    assert [r[2].strip() for r in hit] == ["甄水生", "甄水声"]
    roster = {r[-1]: r for r in cells(folder / "lists/dibao_roster.xlsx")}
    assert "兄" in roster["p0301"]  # his brother's roster still lists him
    assert {"p1101", "p1102", "p1103"} <= set(roster)


def whole_tables(folder: Path) -> dict[str, list[list[dict[str, object]]]]:
    """Every list as sheets of lines by header; a workbook's header is its fourth row."""
    found: dict[str, list[list[dict[str, object]]]] = {}
    for path in sorted((folder / "lists").iterdir()):
        if path.suffix == ".csv":
            encoding = "utf-8-sig" if path.read_bytes().startswith(b"\xef\xbb\xbf") else "gb18030"
            found[path.stem] = [list(lines(path, encoding))]
            continue
        sheets = [list(s.iter_rows(values_only=True)) for s in openpyxl.load_workbook(path).worksheets]
        found[path.stem] = [[dict(zip(rows[3], row, strict=True)) for row in rows[4:]] for rows in sheets]
    return found


@pytest.mark.slow
def test_no_list_knows_of_a_day_that_is_still_to_come(folder: Path) -> None:
    days = [
        (name, header, day(str(cell)))
        for name, sheets in whole_tables(folder).items()
        for rows in sheets
        for row in rows
        for header, cell in row.items()
        if header and header.endswith(("日期", "时间", "起始月")) and cell
    ]
    assert len({header for _, header, _ in days}) >= 7
    assert [d for d in days if d[2] > ON] == []


@pytest.mark.slow
def test_a_survey_that_lapsed_stands_on_a_sheet_of_its_own_with_its_last_day(folder: Path) -> None:
    (lapsed,) = [s for s in whole_tables(folder)["household_survey"] if any(row["有效期至"] for row in s)]
    told = {str(row["origin"]): row for row in lapsed}
    assert set(told) == {"p0801", "p0802", "p0803", "p0804", "p0805", "p0901"}
    assert {(day(str(r["调查日期"])), day(str(r["有效期至"]))) for r in lapsed if r["调查日期"]} == {
        (date(2020, 5, 12), date(2020, 6, 22)),
        (date(2020, 5, 20), date(2020, 6, 22)),
    }
    assert (_yuan(told["p0801"]["工资性月收入"]), told["p0801"]["住房安全等级"]) == (1500, "安全")


def _is_number(cell: str | None) -> bool:
    try:
        return bool(IdNumber.parse(cell or ""))
    except BadIdNumber:
        return False


@pytest.mark.slow
def test_lists_are_as_careless_as_offices(folder: Path) -> None:
    numbers = [
        row[header.index("成员身份证号")]
        for sheet in openpyxl.load_workbook(folder / "lists/household_survey.xlsx").worksheets
        for rows in [list(sheet.iter_rows(values_only=True))]
        for header in [next(r for r in rows if r[0] == "乡镇")]
        for row in rows
        if row[-1] not in (None, "origin", "单位：元")
    ]
    spoilt = [n for n in numbers if not _is_number(n)]
    assert len(openpyxl.load_workbook(folder / "lists/household_survey.xlsx").sheetnames) > 5
    assert 0 < len(spoilt) < 0.05 * len(numbers)
