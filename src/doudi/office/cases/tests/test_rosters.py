"""Rosters become entitlements: one per household, for those the list names, with the amount of whichever line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction

from doudi.office.access import system_scope
from doudi.office.cases.models import Entitlement
from doudi.office.cases.queries import entitlements_in_force
from doudi.office.registry.actions import accept, imports, undo
from doudi.office.registry.actions.imports import Pace
from doudi.office.registry.models import Membership, Person
from doudi.office.registry.tests.files import AT, COUNTY, csv_file, imported, received, use_pack

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
HEAD = ("户主", "身份证号", "村", "成员姓名", "成员身份证号", "与户主关系", "月补助金额", "起始月")
LAOWEN, WIFE, LAOGEN = "341599194908151092", "341599195106211107", "341599194603021078"
BROTHERS = [
    ("梅老稳", LAOWEN, "龚湾村", "梅老稳", LAOWEN, "户主", "900.00", "2016年5月"),
    ("", "", "", "吴秀珍", WIFE, "妻", "", ""),
    ("", "", "", "梅老根", LAOGEN, "兄弟", "", ""),
]
JUNE, JULY = date(2020, 6, 30), date(2020, 7, 15)


@pytest.fixture(autouse=True)
def office() -> Iterator[None]:
    with system_scope("test"):
        use_pack()
        yield


def roster(folder: Path, *rows: Sequence[str], on: date = JUNE, name: str = "list.csv") -> object:
    return imported("register:dibao_roster", csv_file(folder, HEAD, *rows, name=name), on)


def people(grant: Entitlement) -> set[str]:
    return set(Person.objects.filter(pk__in=grant.persons).values_list("name", flat=True))


def test_merged_heads_and_one_amount_are_one_entitlement_of_everybody_named(tmp_path: Path) -> None:
    roster(tmp_path, *BROTHERS)
    grant = Entitlement.objects.get()
    assert (grant.programme, grant.amount_fen, grant.starts_on, grant.origin) == (
        "dibao",
        90000,
        date(2016, 5, 1),
        "imported",
    )
    assert people(grant) == {"梅老稳", "吴秀珍", "梅老根"}


def test_the_amount_may_stand_in_any_line_of_the_household(tmp_path: Path) -> None:
    moved = [(*BROTHERS[0][:6], "", ""), BROTHERS[1], (*BROTHERS[2][:6], "900", "2016-05")]
    roster(tmp_path, *moved)
    assert (Entitlement.objects.get().amount_fen, Entitlement.objects.get().starts_on) == (90000, date(2016, 5, 1))


def test_who_lives_elsewhere_stays_on_the_grant_and_in_his_own_household(tmp_path: Path) -> None:
    alone = ("姓名", "身份证号", "村", "与户主关系", "户编号")
    imported("person", csv_file(tmp_path, alone, ("梅老根", LAOGEN, "龚湾村", "户主", "3"), name="people.csv"))
    roster(tmp_path, *BROTHERS)
    grant = Entitlement.objects.get()
    assert people(grant) == {"梅老稳", "吴秀珍", "梅老根"}
    his = Membership.objects.get(person__name="梅老根", household__kind="living")
    assert his.household_id != grant.household_id


@pytest.mark.parametrize("chunk", [1, 2, 3])
def test_a_household_across_the_border_of_chunks_is_still_one_entitlement(
    chunk: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "Pace", lambda: Pace(chunk, chunk, chunk))
    roster(tmp_path, *BROTHERS)
    grant = Entitlement.objects.get()
    assert (grant.amount_fen, len(grant.persons)) == (90000, 3)


def test_the_same_roster_a_month_later_changes_nothing(tmp_path: Path) -> None:
    roster(tmp_path, *BROTHERS)
    roster(tmp_path, *BROTHERS, on=JULY, name="july.csv")
    assert Entitlement.objects.count() == 1 and Entitlement.objects.get().ends_on is None


def test_a_newer_roster_ends_what_it_changes_with_the_month_before_and_undoing_it_brings_that_back(
    tmp_path: Path,
) -> None:
    roster(tmp_path, *BROTHERS)
    cut = (*BROTHERS[0][:6], "300.00", "2016年5月")
    july = roster(tmp_path, cut, *BROTHERS[1:], on=JULY, name="july.csv")
    old, new = Entitlement.objects.order_by("recorded_at", "-amount_fen")
    assert (old.amount_fen, old.ends_on) == (90000, JUNE)
    assert (new.amount_fen, new.starts_on, new.ends_on) == (30000, date(2020, 7, 1), None)
    assert [e.amount_fen for e in entitlements_in_force(COUNTY, date(2020, 6, 15))] == [90000]
    assert [e.amount_fen for e in entitlements_in_force(COUNTY, JULY)] == [30000]
    undo(july, by="test", at=AT)  # type: ignore[arg-type]
    (back,) = Entitlement.objects.all()
    assert (back.amount_fen, back.ends_on, back.ended_by) == (90000, None, None)


def test_accepting_again_adds_nothing(tmp_path: Path) -> None:
    path = csv_file(tmp_path, HEAD, *BROTHERS)
    first = accept(received("register:dibao_roster", path, JUNE), by="test", at=AT)
    again = imported("register:dibao_roster", path, JUNE)
    assert again.repeats_id == first.pk and Entitlement.objects.count() == 1
    assert again.counts["new"] == again.counts["changed"] == 0


@pytest.mark.parametrize("cell", ["", "待定"])
def test_an_amount_that_is_missing_or_no_amount_is_not_known_and_never_nought(cell: str, tmp_path: Path) -> None:
    roster(tmp_path, (*BROTHERS[0][:6], cell, ""))
    assert Entitlement.objects.get().amount_fen is None


TEKUN = ("姓名", "身份证号", "村", "基本生活标准", "护理标准", "起始月")


@pytest.mark.parametrize(
    ("head", "cells", "expected"),
    [
        (TEKUN[:4], ("816",), 81600),  # no column for care
        (TEKUN[:5], ("816.00", ""), 81600),
        (TEKUN[:5], ("780.00", "36"), 81600),
        (TEKUN[:5], ("780.00", "待定"), None),
        (TEKUN[:5], ("780.00", "-5"), None),
        (TEKUN[:5], ("", ""), None),
    ],
)
def test_what_stands_in_no_column_adds_nothing_and_what_cannot_be_read_is_not_known(
    head: tuple[str, ...], cells: tuple[str, ...], expected: int | None, tmp_path: Path
) -> None:
    alone = ("姓名", "身份证号", "村", "与户主关系", "户编号")
    imported("person", csv_file(tmp_path, alone, ("梅老根", LAOGEN, "龚湾村", "户主", "3"), name="people.csv"))
    line = ("梅老根", LAOGEN, "龚湾村", *cells)
    imported("register:tekun_roster", csv_file(tmp_path, head, line, name="tekun.csv"), JUNE)
    grant = Entitlement.objects.get()
    assert (grant.programme, grant.amount_fen, grant.starts_on) == ("tekun", expected, None)


def test_the_database_refuses_an_entitlement_that_cannot_be(tmp_path: Path) -> None:
    roster(tmp_path, *BROTHERS)
    for broken in ({"amount_fen": -1}, {"ends_on": date(2016, 4, 30)}, {"batch": None}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Entitlement.objects.update(**broken)
