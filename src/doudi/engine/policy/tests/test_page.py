"""A programme as a page: rules in words, figures with their day, place, source and confidence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from doudi.engine.policy import load
from doudi.engine.policy.functions import FUNCTIONS
from doudi.engine.policy.page import page
from doudi.engine.policy.tests.small import BASIC, changed, loaded
from doudi.engine.words import Refused, _catalogue

SMALL = Path(__file__).parent / "packs" / "small"


def test_a_condition_is_said_in_words_with_its_article() -> None:
    condition = page(load(SMALL), "basic", "zh")["conditions"][0]
    assert condition["text"] == "家庭收入 低于 应保标准"
    assert (condition["law"]["title"], condition["law"]["article"]) == ("Invented act on basic allowances", "4")
    assert condition["law"]["says"] == "收入低于标准的家庭受补助。"


def test_the_reader_s_language_decides() -> None:
    assert page(load(SMALL), "basic", "en")["conditions"][0]["text"] == "Household income is below Need"
    assert page(load(SMALL), "disabled", "en")["amount"].startswith("if Disability is “severe” then Full amount")


def test_figures_show_place_day_source_and_confidence() -> None:
    parameters = {p["name"]: p for p in page(load(SMALL), "basic", "en")["parameters"]}
    local = [v for v in parameters["basic.savings_months"]["values"] if v["area"]]
    assert [(v["value"], v["from"], v["source"], v["confidence"]) for v in local] == [
        ("6", "2020-01-01", "EX-2", "demo")
    ]
    assert [v["key"] for v in parameters["basic.standard"]["values"]] == ["country", "town"] * 2


def test_the_page_holds_what_the_rules_read_and_nothing_else() -> None:
    content = page(load(SMALL), "basic", "en")
    assert {p["name"] for p in content["parameters"]} == {"adult_age", "basic.standard", "basic.savings_months"}
    assert "counted_income" in {v["name"] for v in content["variables"]}


def test_a_programme_the_pack_does_not_decide_is_refused_by_name() -> None:
    with pytest.raises(Refused) as refused:
        page(load(SMALL), "basics", "en")
    assert "basic, disabled" in refused.value.faults[0].text("en")


def test_in_english_a_value_is_quoted_and_rounding_by_figures_names_both() -> None:
    files = changed(BASIC, "expr: homes <= 1", "expr: residence != 'urban'")
    files["pack.yaml"] = files["pack.yaml"].replace(b'en: "town"', b'en: "not the country"')
    files[BASIC] = files[BASIC].replace(b'{to: "0.01", mode: half_up}', b"{to: step, mode: way}")
    files["programmes/basic/parameters.yaml"] += (
        b'step: {type: money, label: {en: "Step"}, values: {2019-01-01: {value: "0.01"}}}\n'
        b'way: {type: text, label: {en: "Way"}, values: {2019-01-01: {value: half_up}}}\n'
    )
    content = page(loaded(files), "basic", "en")
    assert content["conditions"][2]["text"] == "Urban or rural is not “not the country”"
    assert content["amount"].endswith(", rounded by “Step” and “Way”")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("homes > 1 and savings > 0 or homes == 0", "（住房套数 高于 1，且存款 高于 0.00 元），或住房套数 为 0"),
        ("homes * (homes - (homes - 1)) > 2", "住房套数 × （住房套数 − （住房套数 − 1）） 高于 2"),
        ("not (residence in ('urban', 'rural'))", "不是“城乡 为 城镇、农村 之一”"),
        (
            "any(role == 'head' and wage > 0, lives_here)",
            "“共同生活”的成员中任一人：家庭关系 为 head，且工资 高于 0.00 元",
        ),
        ("if(homes > 1, 1, 2) + 1 > 1", "（若 住房套数 高于 1，则 1，否则 2） + 1 高于 1"),
        ("as_of() >= date('2020-07-01')", "当日 不低于 2020年7月1日"),
        ("enrolled('orphans') or disabled_here", "已享受“orphans”，或any"),
    ],
)
def test_an_expression_is_said_so_that_its_parts_cannot_be_confused(text: str, said: str) -> None:
    files = changed(BASIC, "expr: homes <= 1", f"expr: {json.dumps(text)}")
    files["variables.yaml"] += (
        b"disabled_here: {entity: household, type: bool, label: {en: any}, expr: any(lives_here)}\n"
    )
    assert page(loaded(files), "basic", "zh")["conditions"][2]["text"] == said


def test_a_long_rule_is_an_outline() -> None:
    text = "(homes > 1 and savings > 0 and income < need) or (homes == 0 and members > 3 and not enrolled('orphans'))"
    files = changed(BASIC, "expr: homes <= 1", f"expr: {json.dumps(text)}")
    assert page(loaded(files), "basic", "zh")["conditions"][2]["lines"] == [
        "以下任一项成立：",
        "- 住房套数 高于 1，且存款 高于 0.00 元，且家庭收入 低于 应保标准",
        "- 住房套数 为 0，且共同生活人数 高于 3，且未享受“orphans”",
    ]
    text = (
        "if(residence == 'urban', savings <= need * savings_months + need, "
        "if(members > 3, savings <= need * 2 - income + need, true))"
    )
    files = changed(BASIC, "expr: homes <= 1", f"expr: {json.dumps(text)}")
    assert page(loaded(files), "basic", "zh")["conditions"][2]["lines"] == [
        "若 城乡 为 城镇：",
        "  存款 不高于 应保标准 × 存款限额月数 + 应保标准",
        "若 共同生活人数 高于 3：",
        "  存款 不高于 应保标准 × 2 − 家庭收入 + 应保标准",
        "否则：",
        "  是",
    ]


def test_a_fact_and_a_variable_of_one_label_are_told_apart() -> None:
    files = changed("facts.yaml", 'zh: "住房套数"', 'zh: "家庭收入"')
    assert page(loaded(files), "basic", "zh")["conditions"][2]["text"] == "家庭收入（登记） 不高于 1"


def test_every_function_can_be_said() -> None:
    literal_only = {"date", "money"}
    members = {"sum", "any", "all", "count_if"}
    special = {"enrolled": "enrolled.bool", "enrolled_amount": "enrolled.money", "round": "round.half_up"}
    for name in FUNCTIONS.keys() - literal_only:
        code = f"members.{name}" if name in members else special.get(name, f"call.{name}")
        assert f"spoken.{code}" in _catalogue("zh"), name
