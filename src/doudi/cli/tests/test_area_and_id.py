from __future__ import annotations

import json
import sys
from typing import Any

import pytest

from doudi.cli import main

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    monkeypatch.setattr(sys, "argv", ["doudi", *words])
    monkeypatch.setenv("DOUDI_LANG", "en")
    with pytest.raises(SystemExit) as end:
        main()
    out, err = capsys.readouterr()
    return int(end.value.code or 0), out, err


def test_an_area_is_one_object_on_stdout(monkeypatch: Any, capsys: Any) -> None:
    status, out, _ = run(monkeypatch, capsys, "area", "341503203000", "--on", "2020-07-20", "--json")
    answer = json.loads(out)
    (area,) = answer["areas"]
    assert status == 0 and answer["query"] == "341503203000" and answer["on"] == "2020-07-20"
    assert area["full_name"] == "安徽省六安市裕安区西河口乡" and area["level"] == 4
    assert len(area["children"]) == 13 and "341503203208" in area["children"]
    assert (area["valid_from"], area["valid_to"], area["successor"]) == (None, None, None)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["999999"], "999999"),
        (["520522", "--on", "2022-01-01"], "520581000000"),
        (["520522103", "--on", "2022-01-01"], "520581000000"),
        (["520581", "--on", "2020-07-20"], "2021-10-31"),
        (["520581", "--on", "July"], "July"),
    ],
)
def test_no_area_ends_with_2_and_names_the_code_or_its_successor(
    words: list[str], said: str, monkeypatch: Any, capsys: Any
) -> None:
    status, out, err = run(monkeypatch, capsys, "area", *words, "--json")
    assert (status, out) == (2, "") and said in err


def test_an_invented_number_is_valid_and_says_so(monkeypatch: Any, capsys: Any) -> None:
    status, out, _ = run(monkeypatch, capsys, "id", "check", "341599196503121011", "--json")
    answer = json.loads(out)
    assert status == 0 and answer["valid"] is True and "341599" in answer["reason"]
    assert (answer["birth"], answer["sex"]) == ("1965-03-12", "M")


def test_a_wrong_number_ends_with_0_and_its_reason(monkeypatch: Any, capsys: Any) -> None:
    status, out, _ = run(monkeypatch, capsys, "id", "check", "3.41503E+17", "--json")
    answer = json.loads(out)
    assert status == 0 and answer["valid"] is False and "scientific" in answer["reason"]


def test_an_old_area_code_only_warns(monkeypatch: Any, capsys: Any) -> None:
    status, out, _ = run(monkeypatch, capsys, "id", "check", "342401188001011015", "--json")
    answer = json.loads(out)
    assert status == 0 and answer["valid"] is True and "342401" in answer["reason"]


def test_a_birth_that_lies_ahead_makes_no_valid_number(monkeypatch: Any, capsys: Any) -> None:
    body = "34150320990312101"
    number = body + "10X98765432"[sum(int(d) * w for d, w in zip(body, WEIGHTS, strict=True)) % 11]
    status, out, _ = run(monkeypatch, capsys, "id", "check", number, "--json")
    answer = json.loads(out)
    assert (status, answer["valid"], answer["code"]) == (0, False, "future") and "ahead" in answer["reason"]
