"""A small plan by hand, every figure invented: a household below a standard by class, with limited savings."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from doudi.engine.policy.model import (
    Agg,
    Call,
    Condition,
    Definition,
    Enrolled,
    Entity,
    Expr,
    Fact,
    Law,
    Lit,
    Pack,
    Parameter,
    Plan,
    PlannedExclusion,
    PlannedProgramme,
    Ref,
    Resolved,
    Source,
    Type,
    Words,
)
from doudi.engine.screening.household import Enrolment, Household, Person

AS_OF = date(2020, 7, 20)
HERE, ELSEWHERE = "341503203204", "520502001001"


def fact(name: str, entity: Entity, kind: Type, **more: Any) -> Fact:
    words = Words(more.pop("zh", name), more.pop("en", name.replace("_", " ")))
    return Fact(name, entity, kind, words, **more)


def f(name: str, kind: Type = "money", entity: Entity = "person") -> Ref:
    return Ref(name, "fact", kind, entity)


def v(name: str, kind: Type = "money", entity: Entity = "household") -> Ref:
    return Ref(name, "variable", kind, entity)


def par(name: str, kind: Type = "money") -> Ref:
    return Ref(name, "parameter", kind, None)


def call(op: str, *args: Expr, kind: Type = "bool", entity: Entity | None = "household") -> Call:
    return Call(op, args, kind, entity)


FACTS = {
    x.name: x
    for x in (
        fact("wage", "person", "money", min=Decimal(0), zh="工资", question=Words("每月挣多少？", "Wage a month?")),
        fact("pension", "person", "money", min=Decimal(0), zh="养老金", presumed=None),
        fact("lives_here", "person", "bool", presumed=True, zh="共同生活", question=Words("住在一起吗？", "Here?")),
        fact("serious_illness", "person", "bool", zh="重病"),
        fact("birth_date", "person", "date", period="eternity", zh="出生日期"),
        fact("household_class", "household", "enum", values=("rural", "urban"), zh="城乡类别"),
        fact(
            "savings",
            "household",
            "money",
            min=Decimal(0),
            zh="存款",
            period="eternity",
            question=Words("存款有多少？", "Savings?"),
        ),
    )
}
COUNTED = call("+", f("wage"), f("pension"), kind="money", entity="person")
INCOME = Agg("sum", v("dibao.counted_income", entity="person"), f("lives_here", "bool"), "money")
MEMBERS = Agg("count_if", None, f("lives_here", "bool"), "int")
DEFINITIONS = {
    d.name: d
    for d in (
        Definition("dibao.counted_income", "person", "money", COUNTED, Words("个人月收入", "own monthly income")),
        Definition("dibao.income", "household", "money", INCOME, Words("家庭月收入", "monthly income")),
        Definition("dibao.members", "household", "int", MEMBERS, Words("共同生活人数", "members")),
    )
}
STANDARD = par("dibao.standard")
NEED = call("*", STANDARD, v("dibao.members", "int"), kind="money")
LIMIT = call("*", NEED, par("dibao.savings_months", "int"), kind="money")
CONDITIONS = (
    Condition(
        "income_below_standard",
        0,
        call("<", v("dibao.income"), NEED),
        Law("DB-2012", "4"),
        Words("家庭人均收入低于标准", "income below the standard"),
    ),
    Condition(
        "savings_within_limit",
        1,
        call("<=", f("savings", entity="household"), LIMIT),
        Law("DB-2012", "17"),
        Words("存款不超过限额", "savings within the limit"),
    ),
)
AMOUNT = call(
    "round",
    call("-", NEED, v("dibao.income"), kind="money"),
    Lit(Decimal("0.01"), "money"),
    Lit("half_up", "text"),
    kind="money",
)
SIGN = call("or", Agg("any", f("serious_illness", "bool"), None, "bool"), Enrolled("dibao", "bool", "household"))
DIBAO = PlannedProgramme(
    "dibao",
    "household",
    "month",
    Words("最低生活保障", "minimum living guarantee"),
    True,
    CONDITIONS,
    None,
    AMOUNT,
    Lit(Decimal("0.00"), "money"),
    SIGN,
    (),
    (PlannedExclusion("tekun", "instead"),),
)
PARAMETERS = {
    "dibao.standard": Parameter(
        "dibao.standard",
        "money",
        Words("低保标准", "standard"),
        unit="yuan/person/month",
        by="area",
        per="household_class",
        question=Words("本县低保标准是多少？", "What is the county's standard?"),
    ),
    "dibao.savings_months": Parameter("dibao.savings_months", "int", Words("存款限额月数", "months of savings")),
}


def _resolved(value: Any, area: str = "") -> Resolved:
    return Resolved(value, area, date(2020, 1, 1), "DB-2012", "10", "demo" if area else "A")


NATION: dict[tuple[str, str | None], Resolved] = {("dibao.savings_months", None): _resolved(24)}
COUNTY = {
    ("dibao.standard", "rural"): _resolved(Decimal("600.00"), "341503000000"),
    ("dibao.standard", "urban"): _resolved(Decimal("680.00"), "341503000000"),
    **NATION,
}
SOURCES = {
    "DB-2012": Source("DB-2012", "最低生活保障审核审批办法（试行）", "民发〔2012〕220号", "2012-12-12", (None, None))
}
PACK = Pack(
    "try", "1", "", "unknown", ("head", "spouse", "child"), FACTS, {}, PARAMETERS, {}, SOURCES, ("tekun",)
)  # fmt: skip
PLAN = Plan(
    PACK,
    AS_OF,
    FACTS,
    DEFINITIONS,
    {"dibao": DIBAO},
    ("dibao.counted_income", "dibao.income", "dibao.members", "dibao"),
    PARAMETERS,
    {"": NATION, "341503": COUNTY},
)


def with_conditions(*conditions: Condition, **changes: Any) -> Plan:
    """The plan with other conditions (and other fields) in its one programme."""
    return replace(PLAN, programmes={"dibao": replace(DIBAO, conditions=conditions, **changes)})


def person(id: str, wage: Any = "0", pension: Any = "0", **facts: Any) -> Person:
    money = {n: Decimal(x) for n, x in (("wage", wage), ("pension", pension)) if x is not None}
    return Person(id, "head", HERE, {**money, **facts})


def household(
    *persons: Person, enrolments: tuple[Enrolment, ...] = (), division: str = HERE, **facts: Any
) -> Household:
    own = {"household_class": "rural", "savings": Decimal("8000.00"), **facts}
    return Household("h1", division, own, persons, enrolments)
