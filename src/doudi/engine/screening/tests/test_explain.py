"""Explanations: states, steps with values and law, questions, and what would change the answer."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal

import pytest

from doudi.engine.policy.model import Agg, Call, Condition, Law, Lit, PlannedExclusion, Words
from doudi.engine.screening import answer
from doudi.engine.screening.answers import Answer, Step
from doudi.engine.screening.household import UNKNOWN, Enrolment
from doudi.engine.screening.prose import chinese
from doudi.engine.screening.tests.plans import (
    DIBAO,
    ELSEWHERE,
    PLAN,
    call,
    f,
    household,
    person,
    v,
    with_conditions,
)

YUAN = Decimal


def dibao(h, plan=PLAN, lang="zh") -> Answer:
    (found,) = answer(plan, h, lang).answers
    return found


def step(a: Answer, name: str) -> Step:
    (found,) = [s for s in a.steps if s.name == name]
    return found


def change(a: Answer, name: str) -> dict:
    (found,) = [c for c in a.changes if c["name"] == name]
    return found


def enrolled(programme: str = "dibao", amount: str | None = "300.00", **more) -> Enrolment:
    return Enrolment("household", "h1", programme, None if amount is None else YUAN(amount), **more)


POOR = household(person("a", "100.00"))
RICH = household(person("a", "700.00"))
UNCLEAR = household(person("a", "100.00", serious_illness=True), savings=None)
QUIET = household(person("a", "100.00"), savings=None)


@pytest.mark.parametrize(
    ("h", "paid", "state"),
    [
        (POOR, None, "missed"),
        (RICH, None, "not_eligible"),
        (UNCLEAR, None, "to_verify"),
        (QUIET, None, "unknown_no_sign"),
        (POOR, enrolled(amount="500.00"), "covered"),
        (POOR, enrolled(amount=None), "covered"),
        (POOR, enrolled(amount="500.01"), "covered_wrong_amount"),
        (QUIET, enrolled(), "covered_to_verify"),
        (RICH, enrolled(), "covered_not_eligible"),
        (POOR, enrolled("tekun"), "covered_elsewhere"),
        (QUIET, enrolled("tekun"), "covered_elsewhere"),
        (RICH, enrolled("tekun"), "not_eligible"),
        (POOR, enrolled("tekun", ends_on=PLAN.as_of.replace(day=1)), "missed"),
    ],
)
def test_outcome_and_enrolment_give_exactly_one_state(h, paid, state) -> None:
    assert dibao(replace(h, enrolments=(paid,) if paid else ())).state == state


def test_not_applicable_with_an_enrolment_is_covered_not_eligible_but_not_outside_in_force() -> None:
    no = call("==", f("household_class", "enum", "household"), f("household_class", "enum", "household"))
    not_applying = with_conditions(*DIBAO.conditions, applies_when=call("not", no))
    outside = with_conditions(*DIBAO.conditions, in_force=False)
    with_money = replace(POOR, enrolments=(enrolled(),))
    assert dibao(with_money, not_applying).state == "covered_not_eligible"
    assert dibao(POOR, not_applying).state == "not_applicable"
    assert dibao(with_money, outside).state == "not_applicable"


def test_eligible_for_the_other_programme_wins_too() -> None:
    other = replace(DIBAO, name="tekun", excludes=())
    plan = replace(PLAN, programmes={"dibao": DIBAO, "tekun": other}, order=(*PLAN.order, "tekun"))
    assert [a.state for a in answer(plan, POOR).answers] == ["covered_elsewhere", "missed"]
    same_need = replace(DIBAO, excludes=(PlannedExclusion("tekun", "same_need"),))
    plan = replace(plan, programmes={"dibao": same_need, "tekun": other})
    assert [a.state for a in answer(plan, POOR).answers] == ["missed", "missed"]


def test_a_condition_names_parameter_value_day_and_article() -> None:
    s = step(dibao(POOR), "income_below_standard")
    assert (s.result, s.law) == ("true", {"source": "DB-2012", "article": "4", "words": "第四条"})
    for part in (
        "家庭月收入 100.00 元",
        "低保标准 600.00",
        "2020年1月1日起",
        "，演示标准",
        "第四条",
        "民发〔2012〕220号",
    ):
        assert part in s.text
    english = step(dibao(POOR, lang="en"), "income_below_standard").text
    assert "article 4" in english and "monthly income 100.00 yuan is below" in english


def test_a_step_carries_the_values_it_read() -> None:
    a = dibao(POOR)
    standard = step(a, "dibao.members")
    assert standard.result == "1"
    values = step(a, "income_below_standard").values
    assert values["dibao.standard"] == {
        "kind": "parameter",
        "label": "低保标准",
        "unit": "yuan/person/month",
        "value": "600.00",
        "shown": "600.00 元",
        "area": "341503000000",
        "since": "2020-01-01",
        "source": "DB-2012",
        "article": "10",
        "confidence": "demo",
        "is_demo": True,
    }
    assert values["dibao.income"]["value"] == "100.00"
    wage = step(a, "dibao.counted_income").values["wage"]
    assert (wage["persons"], wage["value"], wage["shown"]) == ({"a": "100.00"}, "a: 100.00", "a 100.00 元")
    assert step(a, "dibao.income").values["lives_here"]["presumed"] == ["a"]


def test_a_presumed_fact_is_shown_as_presumed() -> None:
    counted = replace(
        PLAN.definitions["dibao.counted_income"],
        expr=call("if", f("lives_here", "bool"), f("wage"), f("pension"), kind="money", entity="person"),
    )
    plan = replace(PLAN, definitions={**PLAN.definitions, counted.name: counted})
    assert "推定：共同生活 是" in step(dibao(POOR, plan), "dibao.counted_income").text
    told = household(person("a", "100.00", lives_here=True))
    assert "推定" not in step(dibao(told, plan), "dibao.counted_income").text


def test_a_failed_condition_says_what_is_so() -> None:
    a = dibao(household(person("a", "700.00"), savings=YUAN("99999.00")))
    assert "家庭月收入 700.00 元 不低于" in step(a, "income_below_standard").text
    assert "存款 99,999.00 元 超过" in step(a, "savings_within_limit").text
    assert step(a, "amount").result == "none"


def test_the_amount_is_shown_with_how_it_came_about_and_what_is_paid_now() -> None:
    a = dibao(replace(POOR, enrolments=(enrolled(),)))
    s = step(a, "amount")
    assert s.result == "500.00" and "应发每月 500.00 元" in s.text and "现发 300.00 元" in s.text


@pytest.mark.parametrize(
    ("wages", "sum_"),
    [
        (("100.00",), "600.00 − 100.00"),
        (("500.00", "100.00"), "(600.00 − 300.00) × 2"),
        (("500.00", "100.01"), "600.00 × 2 − 600.01"),
        (("0.00", "0.00"), "600.00 × 2"),
    ],
)
def test_the_sum_is_per_head_where_it_divides_and_in_totals_where_not(wages, sum_) -> None:
    a = dibao(household(*(person(id_, wage) for id_, wage in zip("abc", wages, strict=False))))
    assert step(a, "amount").sum == sum_


def test_what_a_condition_needs_is_said_in_figures_per_head_and_without_what_is_held() -> None:
    a = dibao(household(person("a", "500.00"), person("b", "100.00")))
    assert step(a, "income_below_standard").need == "人均低于 600.00 元（全家 1,200.00 元）"
    assert step(a, "savings_within_limit").need == "不超过 28,800.00 元"
    few, some = (call("<=", f("savings", entity="household"), Lit(YUAN(n), "money")) for n in ("200.00", "900.00"))
    rural = call("in", f("household_class", "enum", "household"), Lit("rural", "enum"))
    either = with_conditions(Condition("little", 0, call("or", few, call("and", rural, some)), None))
    said = step(dibao(POOR, either), "little").need
    assert said == "不超过 200.00 元，或 城乡类别 属于 rural，且 不超过 900.00 元"


def test_of_what_is_counted_at_least_one_more_is_named_and_never_a_difference_of_nothing() -> None:
    counted = Condition("somebody", 0, call(">", v("dibao.members", "int"), Lit(0, "int")), None)
    nobody = household(person("a", "100.00", lives_here=False), **{"dibao.members": 0})
    a = dibao(nobody, with_conditions(counted, *(replace(c, bit=c.bit + 1) for c in DIBAO.conditions)))
    assert len(a.failed) == 3 and [c["name"] for c in a.changes] == ["somebody"]
    assert "差 1" in a.changes[0]["text"] and "不少于 1" in a.changes[0]["text"]


def test_on_the_line_no_difference_and_no_amount_that_would_be_another_one_is_said() -> None:
    found = change(dibao(household(person("a", "600.00"))), "income_below_standard")
    assert "正好在界线上" in found["text"] and "0.00 元时" not in found["text"].replace("600.00", "")
    assert found["text"].endswith("届时符合。") and found["if_met"] == {"outcome": "eligible", "amount": None}


def test_what_is_known_at_least_stands_instead_of_not_known() -> None:
    a = dibao(household(person("a", "5000.00"), person("b", None)))
    assert step(a, "income_below_standard").values["dibao.income"]["shown"] == "至少 5,000.00 元"


def test_an_unknown_condition_brings_the_question_that_settles_it() -> None:
    s = step(dibao(UNCLEAR), "savings_within_limit")
    assert (s.result, s.question) == ("unknown", "存款有多少？")
    assert "还不知道：存款" in s.text
    assert step(dibao(UNCLEAR, lang="en"), "savings_within_limit").question == "Savings?"


def test_an_unknown_wage_is_asked_of_whom_it_concerns() -> None:
    a = dibao(household(person("a", "100.00"), person("b", None), person("c", None, lives_here=False)))
    s = step(a, "income_below_standard")
    assert s.question == "每月挣多少？" and "工资（b）" in s.text
    assert a.unknown == ("income_below_standard",)


def test_a_missing_standard_is_asked_of_the_county() -> None:
    a = dibao(household(person("a"), division=ELSEWHERE))
    assert step(a, "income_below_standard").question == "请县级答复：本县低保标准是多少？"


def test_an_unknown_amount_is_named_and_asked() -> None:
    a = dibao(household(person("a", "100.00"), person("b", "0.00", lives_here=UNKNOWN)))
    assert (a.outcome, a.amount, a.unknown) == ("needs_verification", None, ("amount",))
    assert step(a, "amount").question == "住在一起吗？"


def test_what_would_change_the_answer_is_a_limit_for_household_and_head() -> None:
    found = change(dibao(household(person("a", "500.00"), person("b", "100.00"))), "income_below_standard")
    assert (found["limit"], found["per_head"], found["current"]) == (YUAN("1200.00"), YUAN("600.00"), YUAN("600.00"))
    assert found["if_not_met"]["outcome"] == "not_eligible"
    assert "人均 600.00 元" in found["text"] and "离界线 600.00 元" in found["text"]


def test_the_limit_is_on_what_facts_decide_whichever_side_it_stands() -> None:
    income = DIBAO.conditions[0]
    turned = replace(income, expr=Call(">", tuple(reversed(income.expr.args)), "bool", "household"))
    found = change(dibao(POOR, with_conditions(turned)), "income_below_standard")
    assert (found["value"], found["op"], found["limit"]) == ("dibao.income", "<", YUAN("600.00"))
    line = replace(income, expr=call(">", Lit(YUAN("150.00"), "money"), v("dibao.income")))
    found = change(dibao(POOR, with_conditions(line)), "income_below_standard")
    assert (found["value"], found["op"], found["limit"]) == ("dibao.income", "<", YUAN("150.00"))


def test_an_unknown_fact_says_what_each_answer_would_bring() -> None:
    found = change(dibao(UNCLEAR), "savings_within_limit")
    assert found["limit"] == YUAN("14400.00")
    assert found["if_met"] == {"outcome": "eligible", "amount": YUAN("500.00")}
    assert found["text"] == "存款查明后：不超过 14,400.00 元则符合，500.00 元，否则不符合。"
    assert found["facts"] == [{"kind": "fact", "name": "savings", "subject": "h1"}]


def test_what_is_known_of_an_income_is_said() -> None:
    found = change(dibao(household(person("a", "100.00"), person("b", None))), "income_below_standard")
    assert found["known_part"] == YUAN("100.00") and "已知部分 100.00 元" in found["text"]


def test_where_another_condition_fails_nothing_is_asked() -> None:
    a = dibao(household(person("a", "700.00"), savings=None))
    assert [c["name"] for c in a.changes] == ["income_below_standard"]


def test_an_income_that_is_decided_by_bounds_says_so() -> None:
    s = step(dibao(household(person("a", "5000.00"), person("b", None))), "income_below_standard")
    assert s.result == "false" and "至少 5,000.00 元" in s.text and "已知部分已足以判定" in s.text


def test_a_failed_condition_without_a_limit_shows_its_remedy() -> None:
    ill = Agg("any", f("serious_illness", "bool"), None, "bool")
    c = Condition("somebody_ill", 3, ill, Law("DB-2012", "9"), remedy=Words("请提供诊断证明。", "Bring a diagnosis."))
    a = dibao(household(person("a", serious_illness=False)), with_conditions(c))
    assert [(x["kind"], x["text"]) for x in a.changes] == [("remedy", "请提供诊断证明。")]


def test_the_json_shape_is_the_fixed_one_and_deterministic() -> None:
    first, second = (json.dumps(answer(PLAN, UNCLEAR).to_json(), ensure_ascii=False) for _ in range(2))
    assert first == second
    found = json.loads(first)
    assert {"as_of", "pack", "household_id", "answers", "variables"} <= found.keys()
    assert {"kind", "name", "result", "values", "law", "text"} <= found["answers"][0]["steps"][0].keys()
    assert {"name": "dibao.income", "subject": "h1", "period": "2020-07", "value": "100.00"} in found["variables"]


def test_a_programme_of_persons_is_explained_for_each_of_them() -> None:
    earns = Condition("earns", 0, call(">", f("wage"), Lit(Decimal(0), "money"), entity="person"), None)
    own = replace(
        DIBAO, name="bonus", subject="person", conditions=(earns,), amount=f("wage"), ask_when=None, excludes=()
    )
    plan = replace(PLAN, programmes={"bonus": own}, order=(*PLAN.order[:-1], "bonus"))
    first, second = answer(plan, household(person("a", "12.50"), person("b", None)), "zh").answers
    assert (first.subject_type, first.subject_id, first.amount) == ("person", "a", YUAN("12.50"))
    assert "工资 12.50 元 高于 0.00 元" in step(first, "earns").text
    assert step(first, "earns").values["wage"]["value"] == "12.50"
    assert (second.unknown, second.state) == (("earns",), "to_verify")
    assert step(second, "earns").question == "每月挣多少？"
    assert change(second, "earns")["facts"] == [{"kind": "fact", "name": "wage", "subject": "b"}]


def test_values_are_called_as_the_pack_calls_them_and_odd_labels_do_no_harm() -> None:
    rural = call("==", f("household_class", "enum", "household"), Lit("rural", "enum"))
    plan = with_conditions(Condition("rural", 0, rural, None))
    words = {"household_class": {"rural": {"zh": "农村", "en": "rural"}}}
    for labels, said in (({"values": words}, "城乡类别 农村 是 农村"), ({"values": 3}, "城乡类别 rural 是 rural")):
        found = dibao(POOR, replace(plan, pack=replace(plan.pack, labels=labels)))
        assert said in step(found, "rural").text


def test_only_the_programmes_asked_for_are_answered() -> None:
    assert answer(PLAN, POOR, programmes=("other",)).answers == ()


def test_the_amount_of_a_household_variable_overridden_is_said_to_be_entered() -> None:
    a = dibao(household(person("a", "9.00"), **{"dibao.income": YUAN("50.00")}))
    assert "家庭月收入 按所填 50.00 元" in step(a, "dibao.income").text


@pytest.mark.parametrize(
    ("n", "text"),
    [(4, "四"), (10, "十"), (17, "十七"), (20, "二十"), (27, "二十七"), (105, "一百零五"), (110, "一百一十")],
)
def test_articles_are_counted_in_chinese(n: int, text: str) -> None:
    assert chinese(n) == text


def test_outside_its_days_a_programme_says_so_and_judges_nobody() -> None:
    closed = replace(PLAN, programmes={"dibao": replace(DIBAO, in_force=False)})
    found = dibao(POOR, closed)
    assert (found.outcome, found.steps) == ("not_applicable", ())
    assert found.reason == "本方案在 2020-07-20 不施行，未作判断。"
    assert "not in force on 2020-07-20" in dibao(POOR, closed, "en").reason
    assert dibao(POOR).reason == ""
