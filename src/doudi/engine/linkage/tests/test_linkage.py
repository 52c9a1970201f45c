from __future__ import annotations

from datetime import date

import pytest
from stdnum.cn import ric

from doudi.engine.linkage import Claim, Known, compare_names, initials, link, name_key, reading, readings_typed, repairs

GUIYING = Known("p1", "梅桂英", "341599193704121188", date(1937, 4, 12))
SWAPPED = "341599193704121818"


def brute_force(text: str) -> set[str]:
    """Every right number one wrong digit or one swap of neighbours away, found by trying all of them."""
    tries = {text[:i] + d + text[i + 1 :] for i in range(18) for d in ("0123456789X" if i == 17 else "0123456789")}
    tries |= {text[:i] + text[i + 1] + text[i] + text[i + 2 :] for i in range(17)}

    def right(number: str) -> bool:
        try:
            date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
        except ValueError:
            return False
        return number[:17].isdigit() and ric.calc_check_digit(number) == number[17]

    return {t for t in tries if t != text and right(t)}


@pytest.mark.parametrize("text", [SWAPPED, "341599196709031021", "34159919670930102X", "341599196513121011"])
def test_the_check_digit_leads_to_every_number_one_slip_away_and_to_no_other(text: str) -> None:
    assert {r.number for r in repairs(text)} == brute_force(text)


@pytest.mark.parametrize("text", ["341599193704121188", "3.41599E+17", "34159919370412118", "341599193704121000", ""])
def test_nothing_is_repaired_in_a_right_number_or_one_that_lost_digits(text: str) -> None:
    assert repairs(text) == ()


def test_swapped_neighbours_link_when_name_and_birth_agree() -> None:
    found = link(Claim("梅桂英", SWAPPED), [GUIYING], repairs(SWAPPED))
    assert (found.tier, found.id) == ("repaired", "p1")


@pytest.mark.parametrize(
    ("claim", "others"),
    [
        (Claim("梅桂兰", SWAPPED), []),
        (Claim("贾守田", SWAPPED), []),
        (Claim("", SWAPPED), []),
        (Claim("梅桂英", SWAPPED, date(1937, 4, 21)), []),
        (Claim("梅桂英", SWAPPED), [Known("p2", "梅桂英", "341599193704121815", date(1937, 4, 12))]),
    ],
)
def test_a_repair_waits_for_a_person_when_name_or_birth_disagree_or_two_are_left(
    claim: Claim, others: list[Known]
) -> None:
    assert link(claim, [GUIYING, *others], repairs(SWAPPED)).tier == "doubtful"


def test_a_broken_number_that_leads_to_nobody_is_doubtful_not_new() -> None:
    assert link(Claim("梅桂英", SWAPPED), [], repairs(SWAPPED)).tier == "doubtful"


def test_an_exact_number_is_guarded_by_the_name() -> None:
    assert link(Claim("梅桂英", GUIYING.number), [GUIYING]).tier == "exact"
    assert link(Claim("梅桂瑛", GUIYING.number), [GUIYING]).tier == "exact"
    assert link(Claim("梅长贵", GUIYING.number), [GUIYING]).tier == "doubtful"
    assert link(Claim("", GUIYING.number), [GUIYING]).tier == "exact"
    assert link(Claim("梅桂英", "341599193603051176"), []).tier == "new"


@pytest.mark.parametrize(
    ("one", "other", "agreement"),
    [
        ("梅 桂 英", "梅桂英", "same"),
        ("买买提·吐尔逊", "买买提•吐尔逊", "same"),
        ("买买提·吐尔逊", "买买提吐尔逊", "same"),
        ("梅\ue863", "梅䶮", "same"),
        ("萧建国", "肖建国", "sounds_alike"),
        ("甄水声", "甄水生", "sounds_alike"),
        ("梅长桂", "梅长富", "slip"),
        ("贾田", "贾由", "other"),
        ("梅桂英", "贾守田", "other"),
        ("", "贾守田", "blank"),
    ],
)
def test_names_agree_by_key_then_reading_then_one_slip_in_three(one: str, other: str, agreement: str) -> None:
    assert compare_names(one, other) == agreement


def test_surnames_are_read_as_surnames() -> None:
    assert reading("单桂英") == "shan gui ying" and initials("曾国强") == "zgq"
    assert reading("尉迟恭") == "yuchi gong" and initials("吕布") == "lb"
    assert name_key("梅　桂英\u200b") == "梅桂英"


def test_letters_typed_in_one_go_part_in_every_way_a_name_may_read() -> None:
    assert readings_typed("jiashoutian")[0] == "jia shou tian"
    assert {"xian", "xi an"} <= set(readings_typed("xian"))
    assert "jia shou t" in readings_typed("jiashout")
    assert readings_typed("mgy") == ()  # initials, no reading
    assert len(readings_typed("an" * 100)) <= 24


@pytest.mark.parametrize("name", ["贾守田", "吕雄", "欧阳安儿", "仉耳", "尉迟迥", "梅䶮", "翁约"])
def test_a_whole_reading_is_found_by_its_letters_and_by_their_beginning(name: str) -> None:
    letters = reading(name).replace(" ", "")
    assert reading(name) in readings_typed(letters)
    for end in range(1, len(letters)):
        typed = letters[:end]
        assert any(reading(name).startswith(begun) for begun in (typed, *readings_typed(typed))), typed
