from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from doudi.engine.words import Refused
from doudi.office.audit.models import Entry
from doudi.office.registry import importers
from doudi.office.registry.actions import NotInState, accept, check, undo
from doudi.office.registry.importers import Accepted
from doudi.office.registry.models import Batch, BatchRow, Household, Observation, Person
from doudi.office.registry.queries import household, report
from doudi.office.registry.tests.files import (
    AT,
    COUPLE,
    HEAD,
    JULY,
    SHOUTIAN,
    counts,
    csv_file,
    imported,
    parked,
    received,
)

pytestmark = [pytest.mark.django_db, pytest.mark.slow, pytest.mark.usefixtures("office")]


def test_a_list_of_people_becomes_persons_in_their_households(tmp_path: Path) -> None:
    batch = imported("person", csv_file(tmp_path, ("裕安区人员名单",), HEAD, *COUPLE, SHOUTIAN, ("合计", "3人")))
    assert counts(batch) == {"new": 3, "ignored": 3}
    guiying = Person.objects.get(name="梅桂英")
    view = household(guiying.household_id, as_of=JULY)
    assert [(m.name, m.role, m.sex) for m in view.members] == [("梅长贵", "head", "M"), ("梅桂英", "spouse", "F")]
    assert view.area.endswith("西河口乡郝集村委会") and view.head_name == "梅长贵"
    assert Household.objects.count() == 2


def test_the_same_file_again_changes_nothing_and_says_so(tmp_path: Path) -> None:
    path = csv_file(tmp_path, HEAD, *COUPLE, SHOUTIAN)
    first = imported("person", path)
    seen = Observation.objects.count(), Person.objects.count(), Household.objects.count()
    again = imported("person", path, observed_on=JULY, at=AT + timedelta(days=1))
    assert counts(again) == {"same": 3, "ignored": 1} and again.repeats_id == first.pk
    assert (Observation.objects.count(), Person.objects.count(), Household.objects.count()) == seen


def test_swapped_digits_in_the_cremation_list_link_to_her_as_repaired(tmp_path: Path) -> None:
    imported("person", csv_file(tmp_path, HEAD, *COUPLE))
    head = ("姓名", "身份证号", "性别", "年龄", "死亡日期", "火化日期")
    batch = imported(
        "register:cremation_list",
        csv_file(tmp_path, head, ("梅桂英", "341599193704121818", "女", "83", "2020-07-01", "2020年7月2日")),
    )
    assert counts(batch) == {"changed": 1, "ignored": 1}
    facts = Person.objects.get(name="梅桂英").facts
    assert facts["is_deceased"] is True and facts["died_on"] == "2020-07-01"
    word = Observation.objects.get(batch=batch)
    assert (word.observed_on, word.tier) == (date(2020, 7, 2), "repaired")
    assert Entry.objects.filter(act="registry.rows_accepted", subject_id=str(batch.pk)).get().detail["repaired"] == 1
    assert Person.objects.count() == 2


@pytest.mark.parametrize(
    ("row", "state", "reason"),
    [
        (("梅桂兰", "341599193704121818", "郝集村", "", ""), "doubtful", "link.number_broken"),
        (("贾守田", "341599193704121188", "郝集村", "", ""), "doubtful", "link.name_differs"),
        (("梅桂英", "", "郝集村", "", ""), "doubtful", "link.no_number"),
        (("甄桂香", "3.41503E+17", "郝集村", "", ""), "refused", "id.scientific"),
        (("甄桂香", "341599194405081062", "郝集村", "", ""), "refused", "id.check_digit"),
        (("甄桂香", "341599194405081061", "没有村", "", ""), "refused", "import.no_such_place"),
        (("甄桂香", "341599194405081061", "官塘村", "", ""), "refused", "import.place_unclear"),
        (("甄桂香", "341599194405081061", "郝集村", "老乡", ""), "refused", "import.role"),
        (("甄桂香", "341599194405081061", "郝集村", "", "6"), "refused", "import.no_role"),
        (("", "", "郝集村", "妻", ""), "refused", "import.nobody"),
        (("单未来", "341599202007219931", "郝集村", "户主", "9"), "refused", "id.future"),
        (("单太老", "341599189001019935", "郝集村", "户主", "9"), "refused", "id.long_ago"),
        (("=cmd|calc", "341599194405081061", "郝集村", "户主", "9"), "refused", "import.name"),
        (("甄\u202e桂香", "341599194405081061", "郝集村", "户主", "9"), "refused", "import.name"),
        (("", "341599194405081061", "郝集村", "妻", ""), "refused", "import.no_name"),
    ],
)
def test_what_is_not_sure_waits_and_what_is_wrong_goes_back(
    row: Sequence[str], state: str, reason: str, tmp_path: Path
) -> None:
    imported("person", csv_file(tmp_path, HEAD, *COUPLE))
    people = Person.objects.count()
    batch = imported("person", csv_file(tmp_path, HEAD, row))
    assert counts(batch) == {state: 1, "ignored": 1} and parked(batch) == [(2, state, reason)]
    assert Person.objects.count() == people
    (line,) = report(batch, "zh")
    assert line.row == 2 and line.reason and line.remedy


def test_a_place_that_is_unclear_does_not_keep_a_known_person_out(tmp_path: Path) -> None:
    imported("person", csv_file(tmp_path, HEAD, *COUPLE))
    head = ("姓名", "身份证号", "死亡日期", "户籍地")
    batch = imported("register:cremation_list", csv_file(tmp_path, head, (*COUPLE[1][:2], "2020-07-01", "官塘村")))
    assert counts(batch) == {"changed": 1, "ignored": 1}


def test_a_bad_cell_is_quoted_with_its_column(tmp_path: Path) -> None:
    head = ("户主", "身份证号", "村", "成员姓名", "成员身份证号", "与户主关系", "工资性月收入")
    row = ("贾守田", SHOUTIAN[1], "江店村", "贾守田", SHOUTIAN[1], "本人", "一千二")
    batch = imported("register:household_survey", csv_file(tmp_path, head, row))
    (line,) = report(batch, "zh")
    assert (line.column, line.state) == ("工资性月收入", "refused")
    assert "一千二" in line.reason and "1200.00" in line.remedy


def test_lists_come_in_other_encodings_widths_and_with_several_header_rows(tmp_path: Path) -> None:
    path = csv_file(
        tmp_path,
        ("低保花名册",),
        ("户主情况", "", "", "家庭成员", "", ""),
        ("户主", "身份证号", "村", "成员姓名", "成员身份证号", "与户主关系"),
        ("梅 长 贵", "３４１５９９１９３６０３０５１１７６", "郝集村", "梅长贵", "341599193603051176", "户主"),
        ("", "", "", "梅桂英", " 341599193704121188", "妻"),
        ("户主", "身份证号", "村", "成员姓名", "成员身份证号", "与户主关系"),
        encoding="gb18030",
    )
    assert counts(imported("register:dibao_roster", path)) == {"new": 2, "ignored": 4}
    assert Household.objects.count() == 1


def test_a_workbook_with_a_sheet_per_village_is_read_in_a_child(tmp_path: Path) -> None:
    from openpyxl import Workbook

    book = Workbook()
    for title, row in (("郝集村", COUPLE[0]), ("江店村", SHOUTIAN)):
        sheet = book.create_sheet(title)
        sheet.append(HEAD)
        sheet.append(row)
    book["江店村"].append(["甄桂香", 341599194405081061, "江店村", "", ""])
    del book["Sheet"]
    book.save(tmp_path / "list.xlsx")
    batch = imported("person", tmp_path / "list.xlsx")
    assert counts(batch) == {"new": 2, "refused": 1, "ignored": 2}
    assert list(BatchRow.objects.values_list("sheet", "row", "reason")) == [("江店村", 3, "id.scientific")]


def test_a_file_without_a_head_is_asked_about_and_one_that_is_no_table_refused(tmp_path: Path) -> None:
    assert received("person", csv_file(tmp_path, ("甲", "乙"), ("1", "2"))).state == "asking"
    (tmp_path / "x.xlsx").write_bytes(b"PK\x03\x04 not a zip")
    with pytest.raises(Refused) as refused:
        received("person", tmp_path / "x.xlsx")
    assert refused.value.faults[0].code == "import.damaged"
    with pytest.raises(Refused) as refused:
        received("register:nothing", csv_file(tmp_path, HEAD))
    assert "cremation_list" in refused.value.faults[0].text("zh")


def test_checking_counts_and_writes_nothing(tmp_path: Path) -> None:
    imported("person", csv_file(tmp_path, HEAD, *COUPLE))
    rows = Observation.objects.count()
    batch = received("person", csv_file(tmp_path, HEAD, *COUPLE, SHOUTIAN, SHOUTIAN, ("梅桂英", "", "", "", "")))
    assert {k: n for k, n in check(batch, by="test", at=AT).items() if n} == {
        "new": 1, "changed": 3, "doubtful": 1, "ignored": 1,
    }  # fmt: skip
    assert Observation.objects.count() == rows and batch.state == "ready"


def test_a_person_twice_in_one_file_is_one_person(tmp_path: Path) -> None:
    batch = imported("person", csv_file(tmp_path, HEAD, SHOUTIAN, SHOUTIAN))
    assert Person.objects.count() == 1 and counts(batch) == {"new": 1, "same": 1, "ignored": 1}


def test_rooms_above_get_each_line_with_its_person_and_their_own_columns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[Any] = []

    def take(batch: Batch, lines: Sequence[Accepted], at: Any, by: Any) -> list[Accepted]:
        heard.extend(lines)
        return list(lines)

    monkeypatch.setattr(importers, "_importers", {})
    importers.register("register:dibao_roster", take, lambda batch, at, by: heard.append("undone"))
    head = ("户主", "身份证号", "村", "成员姓名", "成员身份证号", "与户主关系", "月补助金额")
    row = ("贾守田", SHOUTIAN[1], "江店村", "贾守田", SHOUTIAN[1], "本人", "800")
    batch = imported("register:dibao_roster", csv_file(tmp_path, head, row))
    (line,) = heard
    assert line.person == Person.objects.get().pk and line.values["amount"] == "800" and line.role == "head"
    undo(batch, by="test", at=AT)
    assert heard[-1] == "undone"


def test_a_list_without_a_head_asks_and_takes_nobody_for_the_head(tmp_path: Path) -> None:
    batch = received("person", csv_file(tmp_path, COUPLE[0], COUPLE[1]))
    assert batch.state == Batch.State.ASKING
    with pytest.raises(NotInState):
        accept(batch, by="test", at=AT)
