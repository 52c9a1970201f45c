"""A list of enrolments: each line names its programme; what the pack does not know is refused with the reason."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from doudi.office.access import system_scope
from doudi.office.cases.models import Entitlement
from doudi.office.registry.actions import imports, undo
from doudi.office.registry.actions.imports import Pace
from doudi.office.registry.models import Batch, Person
from doudi.office.registry.tests.files import AT, COUPLE, HEAD, csv_file, imported, parked, use_pack

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
LIST = ("姓名", "身份证号", "村", "项目", "金额", "发放周期", "起始日期", "截止日期")
CHANGGUI, GUIYING = COUPLE[0][:3], COUPLE[1][:3]
DIBAO = (*CHANGGUI, "最低生活保障", "700.00", "", "2018-01", "")


@pytest.fixture(autouse=True)
def office(tmp_path: Path) -> Iterator[None]:
    with system_scope("test"):
        use_pack()
        imported("person", csv_file(tmp_path, HEAD, *COUPLE, name="people.csv"))
        yield


def enrolled(folder: Path, *rows: tuple[str, ...], on: date = date(2020, 6, 30), name: str = "list.csv") -> Batch:
    return imported("enrolment", csv_file(folder, LIST, *rows, name=name), on)


def test_a_household_programme_goes_to_the_household_and_any_other_to_the_person(tmp_path: Path) -> None:
    enrolled(
        tmp_path,
        DIBAO,
        (*GUIYING, "高龄津贴", "50", "按月", "2017年4月1日", ""),
        (*GUIYING, "emergency_living_aid", "600.00", "一次性", "2020-06-23", "2020-07-07"),
    )
    home = Person.objects.get(name="梅长贵").household_id
    assert set(
        Entitlement.objects.values_list(
            "programme", "household", "person__name", "amount_fen", "period", "starts_on", "ends_on", "persons"
        )
    ) == {
        ("dibao", home, None, 70000, "month", date(2018, 1, 1), None, None),
        ("old_age_allowance", home, "梅桂英", 5000, "month", date(2017, 4, 1), None, None),
        ("emergency_living_aid", home, None, 60000, "once", date(2020, 6, 23), date(2020, 7, 7), None),
    }


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        (("养老金", "100", "", "2018-01", ""), "import.not_a_value"),
        (("", "100", "", "2018-01", ""), "import.no_programme"),
        (("低保", "100", "每周", "2018-01", ""), "import.not_a_value"),
        (("低保", "100", "", "2018-01", "不久"), "import.not_a_date"),
        (("低保", "100", "", "2018-01", "2017-12"), "import.ends_before_start"),
    ],
)
def test_a_line_that_enrols_in_nothing_we_know_is_refused_and_the_others_go_in(
    cells: tuple[str, ...], reason: str, tmp_path: Path
) -> None:
    batch = enrolled(tmp_path, (*GUIYING, *cells), DIBAO)
    assert parked(batch) == [(2, "refused", reason)]
    assert Entitlement.objects.get().programme == "dibao"


def test_the_same_lines_again_change_nothing_and_undoing_takes_them_back(tmp_path: Path) -> None:
    over = (*GUIYING, "临时救助", "500", "一次性", "2020-03-02", "2020-03-02")
    first = enrolled(tmp_path, DIBAO, over)
    enrolled(tmp_path, over, DIBAO, on=date(2020, 7, 15), name="july.csv")
    assert Entitlement.objects.filter(batch=first).count() == Entitlement.objects.count() == 2
    undo(first, by="test", at=AT)
    assert not Entitlement.objects.exists()


@pytest.mark.parametrize("chunk", [1, 250])
def test_help_given_twice_and_a_term_that_ended_stand_beside_what_runs(
    chunk: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "Pace", lambda: Pace(chunk, chunk, chunk))
    given = [(*GUIYING, "临时救助", "500", "一次性", on, on) for on in ("2020-03-02", "2020-05-06")]
    enrolled(tmp_path, (*CHANGGUI, "低保", "500", "", "2015-01", "2016-12"), DIBAO, *given)
    rows = Entitlement.objects.order_by("starts_on").values_list("programme", "starts_on", "ends_on")
    assert list(rows) == [
        ("dibao", date(2015, 1, 1), date(2016, 12, 31)),
        ("dibao", date(2018, 1, 1), None),
        ("temporary_assistance", date(2020, 3, 2), date(2020, 3, 2)),
        ("temporary_assistance", date(2020, 5, 6), date(2020, 5, 6)),
    ]


def test_a_changed_amount_ends_the_old_one_with_the_month_before(tmp_path: Path) -> None:
    enrolled(tmp_path, DIBAO)
    enrolled(tmp_path, (*DIBAO[:4], "220.00", *DIBAO[5:]), on=date(2020, 7, 15), name="july.csv")
    old, new = Entitlement.objects.order_by("starts_on")
    assert (old.amount_fen, old.ends_on) == (70000, date(2020, 6, 30))
    assert (new.amount_fen, new.starts_on, new.ends_on) == (22000, date(2020, 7, 1), None)
