"""The explanation page: the sum and the limits as a clerk says them, what failed first, what settles it."""

from __future__ import annotations

import re
from typing import Any

import pytest

from doudi.office.access import system_scope
from doudi.office.monitoring.tests.office import COUNTY, edition, household, signed_in
from doudi.office.registry.models import Household
from doudi.office.registry.tests.people import VILLAGE, observe, person
from doudi.office.registry.tests.people import home as empty_home

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def home(income: str = "400.00", **told: Any) -> Household:
    with system_scope("test"):
        edition()
        made = household(income=income)
        if told:
            observe(made, "2020-07-18", **told)
        return made


def read(home: Household, lang: str = "zh-hans", page: str = "/why") -> str:
    county = signed_in("county", COUNTY, f"{home.pk}{page}")
    county.cookies["django_language"] = lang
    html = county.get(f"/households/{home.pk}{page}").content.decode()
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", html))


def test_the_sum_and_the_limits_stand_in_figures() -> None:
    said = read(home())
    assert "600.00 − 400.00 = 200.00 元" in said
    for need in ("不少于 1 人", "低于 600.00 元", "不超过 14,400.00 元", "不超过 1 套", "不超过 0 辆"):
        assert need in said, need


def test_what_failed_stands_first_with_its_parameter() -> None:
    said = read(home(vehicles=2))
    assert "结果 1 机动车辆在限额内" in said
    assert said.split("用到的参数")[1].startswith(" 机动车辆限额 ")


def test_one_question_settles_it_only_when_nothing_else_is_open() -> None:
    with system_scope("test"):
        one = home(savings=None, monitoring_class="at_risk")
        two = home(savings=None, vehicles=None, monitoring_class="at_risk")
    assert "只差一个问题，就能定" in read(one)
    said = read(two)
    assert "就能定" not in said and "有 2 条还不清楚，先问这个" in said and "还要核实其他条件" in said


def test_what_is_not_known_without_a_sign_is_not_called_to_be_verified() -> None:
    with system_scope("test"):
        edition()
        quiet = empty_home(VILLAGE)
        quiet.head = person("贾有余", quiet)
        quiet.save()
    said = read(quiet)
    assert "暂无线索" in said and "不用专门去问" in said
    assert "待核实" not in said and "需核实" not in said
    assert "待核实" in read(home(savings=None, monitoring_class="at_risk"))


def test_the_list_of_members_says_who_is_counted_in_the_words_of_the_pack() -> None:
    with system_scope("test"):
        made = home()
        away = person("贾远行", made, "other_relative")
        observe(away, "2020-07-16", lives_here=True)
    members = read(made, page="").split("共同生活成员")[1].split("核查线索")[0]
    assert "计入人口" in members.split("贾远行")[0] and "不计入" in members.split("贾远行")[1]
    english = signed_in("county", COUNTY, "english")
    english.cookies["django_language"] = "en"
    assert "not counted" in english.get(f"/households/{made.pk}").content.decode()
    village = signed_in("village", VILLAGE)
    assert "计入人口" not in village.get(f"/households/{made.pk}").content.decode(), "as the explanation itself"


def test_english_sentences_stand_in_english() -> None:
    panel = read(home(), "en", "")
    assert "》article" not in panel and "（试行）: article 4" in panel
    assert "演示标准" not in read(home(), "en")
