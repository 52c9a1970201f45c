from __future__ import annotations

from datetime import date

import pytest

from doudi.engine.values import BadIdNumber, IdNumber


def reason(text: str) -> str:
    with pytest.raises(BadIdNumber) as bad:
        IdNumber.parse(text)
    return bad.value.code


def test_a_number_tells_birth_sex_and_last_four() -> None:
    number = IdNumber.parse("34159919670903102X")
    assert (number.birth, number.sex, number.last_four) == (date(1967, 9, 3), "F", "102X")
    assert number.is_invented and not IdNumber.parse("341503196503121019").is_invented


@pytest.mark.parametrize(
    "text",
    [
        "34159919670903102x",
        "３４１５９９１９６７０９０３１０２Ｘ",
        " 341599 19670903 102X\t",
        "'34159919670903102×",
        "34159919670903102Х",
    ],
)
def test_other_ways_of_writing_one_number_are_one_number(text: str) -> None:
    assert str(IdNumber.parse(text)) == "34159919670903102X"


def test_fifteen_digits_become_eighteen() -> None:
    number = IdNumber.parse("341599650312101")
    assert (str(number), number.was_short) == ("341599196503121011", True)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty"),
        ("3.41503E+17", "scientific"),
        ("3.41599196503121e+017", "scientific"),
        ("341599196503122000", "digits_lost"),
        ("34159919650312101", "length"),
        ("3415991965031210111", "length"),
        ("3415991965031210A1", "characters"),
        ("X41599196503121011", "characters"),
        ("341599196502301011", "birth"),
        ("341599193704121818", "check_digit"),
    ],
)
def test_a_wrong_number_is_refused_with_its_reason_never_guessed(text: str, code: str) -> None:
    assert reason(text) == code
