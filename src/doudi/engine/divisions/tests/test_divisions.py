from __future__ import annotations

from datetime import date

import pytest

from doudi.engine.divisions import children, exists, find, levels_of, search
from doudi.engine.divisions.areas import Area

JULY_2020 = date(2020, 7, 20)


def one(areas: tuple[Area, ...]) -> Area:
    assert len(areas) == 1, [a.full_name for a in areas]
    return areas[0]


def test_a_county_has_its_townships_and_villages_of_2020() -> None:
    townships = children("341503000000", JULY_2020)
    assert len(townships) == 23
    assert sum(len(children(t.code, JULY_2020)) for t in townships) == 317
    assert len(children("341503203000")) == 13


def test_the_whole_country_is_there_level_by_level() -> None:
    provinces = children("")
    cities = [c for p in provinces for c in children(p.code)]
    assert (len(provinces), len(cities)) == (31, 342)


def test_a_full_name_leaves_headings_out() -> None:
    assert find("110101001000").full_name == "北京市东城区东华门街道"  # type: ignore[union-attr]
    assert find("110100000000").kind == "heading"  # type: ignore[union-attr]
    assert find("130171000000").kind == "development_zone"  # type: ignore[union-attr]


def test_a_code_at_two_levels_is_two_areas_and_its_name_is_said_once() -> None:
    city, county = levels_of("441900000000")
    assert (city.level, county.level) == (2, 3)
    assert county.full_name == "广东省东莞市"
    assert [a.level for a in children("441900000000")] == [3]
    assert len(children("441900000000", level=3)) == 35
    assert [a.level for a in levels_of("350527000000")] == [3, 4, 5]


def test_a_county_that_changed_its_code_holds_until_the_next_list_and_names_its_successor() -> None:
    old, new = find("520522", JULY_2020), find("520581", date(2021, 10, 31))
    assert old is not None and new is not None
    assert (old.name, old.valid_to, old.successor) == ("黔西县", date(2021, 10, 30), "520581000000")
    assert (new.name, new.valid_from) == ("黔西市", date(2021, 10, 31))
    assert find("520522", date(2021, 10, 31)) is None and find("520581", date(2021, 10, 30)) is None
    assert [a.code for a in children("520500000000", date(2022, 1, 1)) if a.code[4:6] == "81"] == ["520581000000"]


def test_what_lies_below_a_gone_county_is_gone_with_it_and_its_successor_is_unknown() -> None:
    township = one(search("520522103000"))
    assert (township.valid_to, township.successor) == (date(2021, 10, 30), None)
    assert not exists("520522103000", date(2022, 1, 1))


def test_a_renamed_county_has_the_name_of_the_day() -> None:
    assert find("130502", date(2019, 12, 1)).name == "桥东区"  # type: ignore[union-attr]
    assert find("130502", JULY_2020).name == "襄都区"  # type: ignore[union-attr]
    assert one(search("襄都区")).code == "130502000000"
    assert "130502000000" in {a.code for a in search("桥东区", date(2019, 12, 1))}


def test_a_village_name_alone_never_identifies_a_place() -> None:
    assert len(search("和平村委会")) == 336
    assert {a.name for a in search("和平村")} >= {"和平村", "和平村委会", "和平村民委员会", "和平村村委会"}


def test_a_name_may_be_led_by_its_superiors_with_or_without_blanks() -> None:
    assert one(search("裕安区 西河口")).code == "341503203000"
    assert one(search("六安市裕安区西河口乡")).code == "341503203000"


def test_a_private_use_character_is_found_and_shown_as_it_stands() -> None:
    assert one(search("孙家\ue1ca")).name == "孙家\ue1ca村委会"


@pytest.mark.parametrize("code", ["341599", "520599", "34150", "3415O3", "999999999999", ""])
def test_what_was_never_a_division_does_not_exist(code: str) -> None:
    assert not exists(code)
