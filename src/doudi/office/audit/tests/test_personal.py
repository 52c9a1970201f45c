"""What a mask shows, and what of a typed text it covers."""

from __future__ import annotations

from itertools import product

import pytest

from doudi.office.audit.personal import masked_words, starred

NUMBER = "341599194001010018"
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def check_digit(first: str) -> str:
    return "10X98765432"[sum(int(d) * w for d, w in zip(first, WEIGHTS, strict=True)) % 11]


def test_a_mask_keeps_three_places_in_front_and_one_behind() -> None:
    assert starred(NUMBER) == "341**************8"
    assert starred("13900000000") == "139*******0"
    assert (starred("12345678"), starred("")) == ("********", "")


def test_area_birthday_and_sex_beside_a_mask_do_not_complete_the_number() -> None:
    shown = starred(NUMBER)
    known = NUMBER[:14]  # the page says where somebody is registered and when they were born
    women = ("".join(d) for d in product("0123456789", "0123456789", "02468"))
    whole = (known + sequence + check_digit(known + sequence) for sequence in women)
    left = [n for n in whole if all(b in ("*", a) for a, b in zip(n, shown, strict=True))]
    assert len(left) > 40


@pytest.mark.parametrize(
    "typed",
    [
        f"号码{NUMBER}有误",
        "341599 19400101 0018，已核",
        "341599-19400101-0018",
        "３４１５９９１９４００１０１００１８",
        "ID34159919400101001x",
        "卡号 6217 0000 0000 0000 001",
        "电话13900001234",
        "tel13900001234",
        "139 0000 1234",
        "139-0000-1234",
        "+86 139 0000 1234",
        f"{NUMBER} 341599194001010026",
        "2020-07-20 13900001234",
    ],
)
def test_numbers_of_persons_are_starred_as_people_type_them(typed: str) -> None:
    masked = masked_words(typed)
    assert "0018" not in masked and "1234" not in masked and "0000" not in masked and "００１８" not in masked
    assert "*******" in masked


@pytest.mark.parametrize(
    "typed",
    [
        "2020-07-01 2020-07-31 住院",
        "20200701-20200731 在外打工",
        "月收入 1,560.00 元，4 人，341503104201 村",
        "文号〔2020〕18 号，0564-3301234",
        "",
    ],
)
def test_days_sums_places_and_what_stands_around_stay(typed: str) -> None:
    assert masked_words(typed) == typed


def test_what_stands_around_a_number_stays() -> None:
    assert masked_words(f"与（{NUMBER}）不符，已改。") == "与（341**************8）不符，已改。"
