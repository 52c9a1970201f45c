from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import override_settings

from doudi.engine.words import Refused
from doudi.office.access import system_scope
from doudi.office.audit.models import Entry
from doudi.office.registry import importers
from doudi.office.registry.actions import NotInState, accept, check, rebuild_all, undo
from doudi.office.registry.importers import Accepted
from doudi.office.registry.importing import kept
from doudi.office.registry.models import Batch, BatchRow, Household, Identity, Observation, Person
from doudi.office.registry.queries import household, prove_facts, report, search
from doudi.office.registry.tests.files import AT, COUNTY, JULY, counts, csv_file, imported, received, use_pack

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
HEAD = ("姓名", "身份证号", "村", "与户主关系", "户编号")
COUPLE = [
    ("梅长贵", "341599193603051176", "郝集村", "户主", "6"),
    ("梅桂英", "341599193704121188", "郝集村", "妻", "6"),
]
SHOUTIAN = ("贾守田", "341599196503121011", "江店村", "户主", "1")


ROSTER = [
    ("户主", "身份证号", "村", "成员姓名", "成员身份证号", "与户主关系"),
    ("梅长贵", COUPLE[0][1], "郝集村", "梅长贵", COUPLE[0][1], "户主"),
    ("", "", "", "梅桂英", COUPLE[1][1], "妻"),
]


@pytest.fixture(autouse=True)
def office() -> Iterator[None]:
    with system_scope("test"):
        use_pack()
        yield


def parked(batch: Batch) -> list[tuple[int, str, str]]:
    return list(BatchRow.objects.filter(batch=batch).order_by("row").values_list("row", "state", "reason"))


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
    assert Observation.objects.get(batch=batch).observed_on == date(2020, 7, 2)
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


def test_what_a_list_proves_by_itself_is_said_of_the_household(tmp_path: Path) -> None:
    head = ("户主", "身份证号", "村", "受灾日期")
    imported("register:disaster_moved_roster", csv_file(tmp_path, head, (*COUPLE[0][:2], "郝集村", "2020-06-22")))
    facts = Person.objects.get().household.facts
    assert (facts["disaster_hit"], facts["disaster_hit_on"]) == (True, "2020-06-22")


def test_a_place_that_is_unclear_does_not_keep_a_known_person_out(tmp_path: Path) -> None:
    imported("person", csv_file(tmp_path, HEAD, *COUPLE))
    head = ("姓名", "身份证号", "死亡日期", "户籍地")
    batch = imported("register:cremation_list", csv_file(tmp_path, head, (*COUPLE[1][:2], "2020-07-01", "官塘村")))
    assert counts(batch) == {"changed": 1, "ignored": 1}


def test_a_guess_yields_to_every_list_and_a_list_only_to_a_later_one(tmp_path: Path) -> None:
    bill = csv_file(tmp_path, ("姓名", "身份证号", "个人自付"), (*COUPLE[1][:2], "5"))
    imported("register:large_medical_bills", bill)
    alone = Person.objects.get(name="梅桂英").household_id
    imported("register:dibao_roster", csv_file(tmp_path, *ROSTER))
    together = Person.objects.get(name="梅桂英").household_id
    assert together == Person.objects.get(name="梅长贵").household_id != alone
    assert [m.name for m in household(alone, as_of=date(2020, 1, 1)).members] == []
    assert len(household(together, as_of=date(2020, 1, 1)).members) == 2
    survey = ["户主", "身份证号", "村", "成员姓名", "成员身份证号", "与户主关系", "调查日期"]
    own = (*COUPLE[1][:2], "郝集村", *COUPLE[1][:2], "户主", "2020-07-03")
    imported("register:household_survey", csv_file(tmp_path, survey, own))
    apart = Person.objects.get(name="梅桂英")
    assert apart.household_id != together and apart.role == "head"
    assert len(household(together, as_of=date(2020, 7, 2)).members) == 2
    earlier = (*COUPLE[0][:2], "郝集村", *COUPLE[1][:2], "妻", "2020-06-30")
    imported("register:household_survey", csv_file(tmp_path, survey, earlier))
    imported("register:dibao_roster", csv_file(tmp_path, *ROSTER), observed_on=JULY)
    assert Person.objects.get(name="梅桂英").household_id == apart.household_id


def test_a_key_whose_household_is_dissolved_means_the_next_one(tmp_path: Path) -> None:
    imported("person", csv_file(tmp_path, HEAD, COUPLE[0]))
    old = Household.objects.get()
    survey = ["户主", "身份证号", "村", "成员姓名", "成员身份证号", "与户主关系"]
    with_son = [
        ("贾守田", SHOUTIAN[1], "江店村", "贾守田", SHOUTIAN[1], "户主"),
        ("", "", "", "梅长贵", COUPLE[0][1], "父"),
    ]
    imported("register:household_survey", csv_file(tmp_path, survey, *with_son), observed_on=date(2020, 7, 1))
    old.refresh_from_db()
    assert old.dissolved_on == date(2020, 7, 1)
    imported("person", csv_file(tmp_path, HEAD, COUPLE[0], ("合计",)), observed_on=JULY)
    changgui, shoutian = (Person.objects.get(name=name) for name in ("梅长贵", "贾守田"))
    assert changgui.household_id not in (old.pk, shoutian.household_id)


def test_a_bad_cell_is_quoted_with_its_column(tmp_path: Path) -> None:
    head = ("户主", "身份证号", "村", "成员姓名", "成员身份证号", "与户主关系", "工资性月收入")
    row = ("贾守田", SHOUTIAN[1], "江店村", "贾守田", SHOUTIAN[1], "本人", "一千二")
    batch = imported("register:household_survey", csv_file(tmp_path, head, row))
    (line,) = report(batch, "zh")
    assert (line.column, line.state) == ("工资性月收入", "refused")
    assert "一千二" in line.reason and "1200.00" in line.remedy


def test_a_survey_with_merged_heads_says_what_each_member_earns_and_the_family_owns(tmp_path: Path) -> None:
    head = (
        "户主,身份证号,村,城乡类别,成员姓名,成员身份证号,与户主关系,是否共同生活,工资性月收入,存款及有价证券,调查日期"
    )
    batch = imported(
        "register:household_survey",
        csv_file(
            tmp_path,
            ("入户调查表",),
            head.split(","),
            (
                "贾守田",
                SHOUTIAN[1],
                "江店村",
                "农村",
                "贾守田",
                SHOUTIAN[1],
                "户主",
                "是",
                "900.00",
                "8000",
                "2020.7.16",
            ),
            ("", "", "", "", "吴巧云", "34159919670903102X", "妻", "是", "0", "", ""),
            ("", "", "", "", "贾小禾", "341599200411201048", "女", "未知", "", "", ""),
            ("小计", "", "", "", "", "", "", "", "900.00", "", ""),
        ),
    )
    assert counts(batch) == {"new": 3, "ignored": 3}
    (home,) = Household.objects.all()
    view = household(home.pk, as_of=JULY)
    assert [m.name for m in view.members] == ["贾守田", "吴巧云", "贾小禾"]
    assert view.facts["savings"].value == "8000.00" and view.facts["household_class"].value == "rural"
    assert view.facts["savings"].on == date(2020, 7, 16)
    assert view.members[0].facts["work_income"].value == "900.00" and view.members[0].facts["lives_here"].value is True
    assert view.members[2].facts["lives_here"].why == "asked"


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


@override_settings(DEMO=False)
def test_invented_numbers_are_taken_only_in_the_demo(tmp_path: Path) -> None:
    batch = imported("person", csv_file(tmp_path, HEAD, SHOUTIAN))
    assert parked(batch) == [(2, "refused", "import.invented")] and not Identity.objects.exists()


def test_checking_counts_and_writes_nothing(tmp_path: Path) -> None:
    imported("person", csv_file(tmp_path, HEAD, *COUPLE))
    rows = Observation.objects.count()
    batch = received("person", csv_file(tmp_path, HEAD, *COUPLE, SHOUTIAN, SHOUTIAN, ("梅桂英", "", "", "", "")))
    assert {k: n for k, n in check(batch, by="test", at=AT).items() if n} == {
        "new": 2, "changed": 2, "doubtful": 1, "ignored": 1,
    }  # fmt: skip
    assert Observation.objects.count() == rows and batch.state == "ready"


def test_a_person_twice_in_one_file_is_one_person(tmp_path: Path) -> None:
    batch = imported("person", csv_file(tmp_path, HEAD, SHOUTIAN, SHOUTIAN))
    assert Person.objects.count() == 1 and batch.counts["new"] == 2


def test_an_interrupted_import_goes_on_after_its_last_chunk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("doudi.office.registry.actions.imports.CHUNK", 2)
    batch = received("person", csv_file(tmp_path, HEAD, *COUPLE, SHOUTIAN, ("合计",)))

    def stop(n: int, total: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("doudi.office.registry.actions.imports.progress", stop)
    with pytest.raises(KeyboardInterrupt):
        accept(batch, by="test", at=AT)
    batch = Batch.objects.get(pk=batch.pk)
    assert (batch.state, batch.mark, Person.objects.count()) == ("accepting", 2, 1)
    monkeypatch.undo()
    done = accept(batch, by="test", at=AT)
    assert done.state == "accepted" and counts(done) == {"new": 3, "ignored": 2} and Person.objects.count() == 3
    assert not kept.file_of(batch.pk).exists()
    with pytest.raises(NotInState):
        accept(done, by="test", at=AT)


def test_each_chunk_leaves_one_entry_with_a_digest_and_no_numbers(tmp_path: Path) -> None:
    batch = imported("person", csv_file(tmp_path, HEAD, *COUPLE))
    (entry,) = Entry.objects.filter(act="registry.rows_accepted")
    assert entry.subject_id == str(batch.pk) and len(entry.detail["digest"]) == 64
    assert entry.detail["counts"]["new"] == 2 and entry.detail["to"] == 3


def test_undo_takes_back_what_was_said_and_whom_it_brought(tmp_path: Path) -> None:
    imported("person", csv_file(tmp_path, HEAD, *COUPLE))
    before = {p.name: (p.facts, p.household_id) for p in Person.objects.all()}
    head = "户主,身份证号,村,成员姓名,成员身份证号,与户主关系,工资性月收入"
    rows = [
        ("贾守田", SHOUTIAN[1], "江店村", "贾守田", SHOUTIAN[1], "户主", "900"),
        ("", "", "", "梅桂英", COUPLE[1][1], "母", "5"),
    ]
    batch = imported("register:household_survey", csv_file(tmp_path, head.split(","), *rows), observed_on=JULY)
    assert Person.objects.get(name="梅桂英").household_id == Person.objects.get(name="贾守田").household_id
    undo(batch, by="test", at=AT)
    after = {p.name: (p.facts, p.household_id) for p in Person.objects.all()}
    assert after.pop("贾守田") == ({}, None) and after == before
    assert prove_facts(as_of=JULY).ok
    assert undo(batch, by="test", at=AT).state == "undone"
    again = imported("register:household_survey", csv_file(tmp_path, head.split(","), *rows), observed_on=JULY)
    assert counts(again) == {"new": 1, "changed": 1, "ignored": 1}


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


def test_rebuilding_everything_equals_what_imports_kept(tmp_path: Path) -> None:
    imported("person", csv_file(tmp_path, HEAD, *COUPLE, SHOUTIAN))
    assert prove_facts(as_of=JULY).ok
    kept_now = {p.pk: (p.facts, p.origins) for p in Person.objects.all()}
    assert rebuild_all(as_of=JULY) == 5
    assert {p.pk: (p.facts, p.origins) for p in Person.objects.all()} == kept_now
    broken = Person.objects.get(name="贾守田")
    Person.objects.filter(pk=broken.pk).update(facts={"sex": "F"})
    proof = prove_facts(as_of=JULY)
    assert proof.subjects == 5 and proof.differing == (("person", broken.pk),)


def test_people_are_found_by_number_last_four_and_phone_and_shown_masked(tmp_path: Path) -> None:
    head, phone = (*HEAD, "联系电话"), "10000000001"
    imported("person", csv_file(tmp_path, head, (*COUPLE[0], phone), (*COUPLE[1], "")))
    for text in (COUPLE[0][1], "1176", phone, "梅长贵 1176"):
        (line,) = search(text).items
        assert (line.name, line.number) == ("梅长贵", "341***********1176"), text
    assert not search("341599193603051175").items and not search("1177").items


def test_no_number_stands_readable_in_any_row(tmp_path: Path) -> None:
    head = (*HEAD, "联系电话", "重病")
    rows = [
        (*COUPLE[0], "10000000001", "是"),
        ("甄桂香", "341599194405081062", "郝集村", "", "", "", ""),
        ("甄桂香", "341599194405081061", "郝集村", "", "", "", COUPLE[0][1]),
    ]
    imported("person", csv_file(tmp_path, head, *rows))
    received("person", csv_file(tmp_path, head, *rows, name="kept.csv"))
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            said = repr([[bytes(v) if isinstance(v, memoryview) else v for v in row] for row in cursor.fetchall()])
            assert not any(w in said for w in (COUPLE[0][1], "341599194405081062", "10000000001")), table
            assert "serious_illness" not in said or not table.startswith("registry_"), table
    files = [p.read_bytes() for p in kept.file_of(Batch.objects.get(state="ready").pk).parent.iterdir()]
    assert files and not any(COUPLE[0][1].encode() in data or "梅长贵".encode() in data for data in files)


def test_two_counties_know_one_human_apart(tmp_path: Path) -> None:
    imported("person", csv_file(tmp_path, HEAD, SHOUTIAN))
    person = Person.objects.get()
    other = Person(identity=person.identity, area_code="520502001001", county_code="520502000000", name="贾守田")
    other.save(force_insert=True)
    assert Identity.objects.count() == 1
    batch = imported("person", csv_file(tmp_path, HEAD, (*SHOUTIAN[:4], "9")))
    assert batch.counts["new"] == 0 and COUNTY.contains(Person.objects.get(pk=person.pk).area_code)
