"""The pack of the benchmark: fourteen programmes of the shapes that real ones have, every figure invented.

A person's programme decides who counts in a household's, whose answer decides another person's, which decides a
household's again; figures differ by county and by class; programmes exclude one another. `write(folder, 200)` repeats
the fourteen under other names, to see what a checker and an emitter do with a large pack.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import yaml

ROLES = ("head", "spouse", "child", "parent", "other")
GENEROUS = ("341502000000", "341503000000", "341504000000")  # counties with figures of their own

FACTS: dict[str, dict[str, dict[str, Any]]] = {
    "person": {
        "birth_date": {"type": "date"},
        "lives_here": {"type": "bool"},
        "student": {"type": "bool", "presumed": False},
        "is_deceased": {"type": "bool", "presumed": False},
        "died_on": {"type": "date"},
        "disability_grade": {"type": "enum", "values": ["none", "1", "2", "3", "4"], "presumed": "none"},
        "serious_illness": {"type": "bool", "presumed": False},
        "wage": {"type": "money", "min": "0.00", "period": "month"},
        "pension": {"type": "money", "min": "0.00", "period": "month"},
        "transfer": {"type": "money", "min": "0.00", "period": "month"},
        "medical_bill": {"type": "money", "min": "0.00"},
    },
    "household": {
        "household_class": {"type": "enum", "values": ["rural", "urban"]},
        "savings": {"type": "money", "min": "0.00"},
        "homes": {"type": "int", "min": 0},
        "vehicles": {"type": "int", "min": 0},
        "house_state": {"type": "enum", "values": ["safe", "grade_c", "grade_d", "collapsed"]},
        "disaster_hit": {"type": "bool", "presumed": False},
    },
}
VARIABLES: dict[str, tuple[str, str, str]] = {
    "is_minor": ("person", "bool", "age_years(birth_date) < 18"),
    "counted": ("person", "bool", "lives_here and not (is_deceased and died_on <= as_of())"),
    "severe": ("person", "bool", "disability_grade in ('1', '2')"),
    "own_income": ("person", "money", "wage + pension + transfer"),
    "able_adult": ("person", "bool", "counted and not is_minor and age_years(birth_date) < 60 and not severe"),
    "able_adults": ("household", "int", "count_if(able_adult)"),
    "grown_ups": ("household", "int", "count_if(counted and not is_minor)"),
    "bills": ("household", "money", "sum(medical_bill, counted)"),
}
# name → type, value nationwide, value of a generous county; a pair is rural and urban
PARAMETERS: dict[str, tuple[str, Any, Any]] = {
    "standard": ("money", ("480.00", "560.00"), ("610.00", "690.00")),
    "savings_months": ("int", 18, 24),
    "tekun_amount": ("money", ("640.00", "760.00"), ("820.00", "910.00")),
    "tekun_line": ("money", "500.00", "650.00"),
    "living_amount": ("money", "60.00", "80.00"),
    "care_first": ("money", "90.00", "120.00"),
    "care_second": ("money", "60.00", "90.00"),
    "elder_amount": ("money", "50.00", "100.00"),
    "orphan_amount": ("money", "1050.00", "1250.00"),
    "bill_line": ("money", "3000.00", "2000.00"),
    "bill_share": ("rate", "0.30", "0.40"),
    "bill_most": ("money", "20000.00", "30000.00"),
    "study_amount": ("money", "150.00", "200.00"),
    "fuel_amount": ("money", ("40.00", "30.00"), ("55.00", "45.00")),
    "price_amount": ("money", "25.00", "35.00"),
    "repair_amount": ("money", "14000.00", "20000.00"),
    "relief_amount": ("money", "300.00", "450.00"),
}
_SIGN = "any(serious_illness) or disaster_hit"
_POOR = "dibao.eligible or near_poor.eligible"
PROGRAMMES: list[dict[str, Any]] = [
    {
        "programme": "tekun", "subject": "person", "period": "month",
        "conditions": {
            "counts": "counted",
            "cannot_work": "is_minor or age_years(birth_date) >= 60 or severe",
            "nobody_supports": "able_adults == 0",
            "income_below_line": "own_income < tekun_line",
        },
        "amount": "max(tekun_amount - own_income, money('0.00'))",
    },
    {
        "programme": "dibao", "subject": "household", "period": "month",
        "ask_when": f"{_SIGN} or enrolled('dibao')",
        "priority": [("ill", 30, "any(serious_illness)"), ("disaster", 20, "disaster_hit"),
                     ("half", 25, "2 * income < standard * members")],
        "variables": {
            "member": ("person", "bool", "counted and not tekun.eligible"),
            "members": ("household", "int", "count_if(member)"),
            "income": ("household", "money", "sum(own_income, member)"),
        },
        "conditions": {
            "somebody_counts": "members > 0",
            "income_below_standard": "income < standard * members",
            "savings_within_limit": "savings <= standard * members * savings_months",
            "homes_within_limit": "homes <= 1 or (house_state in ('grade_d', 'collapsed') and homes <= 2)",
            "no_vehicle": "vehicles <= 0",
        },
        "amount": "standard * members - income",
        "excludes": [("tekun", "instead")],
    },
    {
        "programme": "near_poor", "subject": "household", "period": "month",
        "ask_when": _SIGN,
        "conditions": {
            "somebody_counts": "dibao.members > 0",
            "income_below_line": "2 * dibao.income < 3 * standard * dibao.members",
            "savings_within_limit": "savings <= 2 * standard * dibao.members * savings_months",
            "one_vehicle": "vehicles <= 1",
        },
        "excludes": [("dibao", "instead")],
    },
    {
        "programme": "living_subsidy", "subject": "person", "period": "month",
        "conditions": {"disabled": "disability_grade != 'none'", "counts": "counted", "family_poor": _POOR},
        "amount": "living_amount",
        "excludes": [("tekun", "instead")],
    },
    {
        "programme": "care_subsidy", "subject": "person", "period": "month",
        "conditions": {"severe": "severe", "counts": "counted"},
        "amount": "if(disability_grade == '1', care_first, care_second)",
        "excludes": [("elder_allowance", "higher")],
    },
    {
        "programme": "elder_allowance", "subject": "person", "period": "month",
        "conditions": {"old": "age_years(birth_date) >= 80", "counts": "counted"},
        "amount": "if(age_years(birth_date) >= 100, 3 * elder_amount, "
                  "if(age_years(birth_date) >= 90, 2 * elder_amount, elder_amount))",
    },
    {
        "programme": "orphan_allowance", "subject": "person", "period": "month",
        "conditions": {"minor": "is_minor", "no_grown_up": "grown_ups == 0", "counts": "counted"},
        "amount": "orphan_amount",
        "excludes": [("tekun", "instead")],
    },
    {
        "programme": "study_grant", "subject": "person", "period": "month",
        "conditions": {"studies": "student", "counts": "counted", "family_poor": _POOR,
                       "young": "age_years(birth_date) < 25"},
        "amount": "study_amount",
    },
    {
        "programme": "medical_aid", "subject": "household", "period": "once", "once_per": "12 months",
        "ask_when": "any(serious_illness)",
        "conditions": {
            "bills_above_line": "bills > bill_line",
            "poor": "dibao.eligible or near_poor.eligible or any(tekun.eligible)",
            "savings_below_bills": "savings < 2 * bills + bill_line",
        },
        "amount": "min((bills - bill_line) * bill_share, bill_most)",
    },
    {
        "programme": "relief", "subject": "household", "period": "once", "once_per": "event",
        "ask_when": _SIGN,
        "conditions": {
            "hit": "disaster_hit or house_state == 'collapsed'",
            "somebody_counts": "grown_ups + count_if(counted and is_minor) > 0",
        },
        "amount": "relief_amount * dibao.members",
    },
    {
        "programme": "house_repair", "subject": "household", "period": "once", "once_per": "event",
        "applies_when": "household_class == 'rural'",
        "ask_when": _SIGN,
        "conditions": {
            "unsafe": "house_state in ('grade_c', 'grade_d', 'collapsed')",
            "poor": "dibao.eligible or near_poor.eligible or any(tekun.eligible)",
            "only_home": "homes <= 1",
        },
        "amount": "if(house_state == 'grade_c', div(repair_amount, 2, 2), repair_amount)",
        "excludes": [("relief", "same_need")],
    },
    {
        "programme": "winter_fuel", "subject": "household", "period": "month",
        "ask_when": _SIGN,
        "conditions": {
            "poor_or_supported": "dibao.eligible or any(living_subsidy.eligible)",
            "somebody_counts": "dibao.members > 0",
        },
        "amount": "fuel_amount * dibao.members",
    },
    {
        "programme": "price_supplement", "subject": "household", "period": "month",
        "variables": {
            "heads": ("household", "int",
                      "if(dibao.eligible, dibao.members, 0) + count_if(tekun.eligible or orphan_allowance.eligible)"),
        },
        "ask_when": _SIGN,
        "conditions": {"somebody": "heads > 0"},
        "amount": "price_amount * heads",
    },
    {
        "programme": "family_bonus", "subject": "household", "period": "month",
        "ask_when": _SIGN,
        "conditions": {
            "children_study": "count_if(study_grant.eligible) >= 2",
            "no_vehicle": "vehicles <= 0",
        },
        "amount": "round(study_amount * count_if(study_grant.eligible) * bill_share, '1.00', 'down')",
    },
]  # fmt: skip


def write(folder: Path, programmes: int = len(PROGRAMMES)) -> Path:
    """Write the pack into `folder`; more than the fourteen are the same again as `dibao_2`, `dibao_3` …"""
    for n in range(programmes):
        _write(folder / "programmes" / _name(n) / "programme.yaml", _programme(n))
    _write(folder / "pack.yaml", {
        "pack": "bench", "edition": "1", "language": "doudi-pack/1", "in_force": {"from": _day(2020)}, "areas": "all",
        "missing": "unknown", "rule_date": "application", "roles": list(ROLES),
    })  # fmt: skip
    _write(folder / "facts.yaml", {e: {n: _fact(n, f) for n, f in facts.items()} for e, facts in FACTS.items()})
    _write(folder / "variables.yaml", {n: _variable(n, v) for n, v in VARIABLES.items()})
    _write(folder / "parameters.yaml", {n: _parameter(n, p) for n, p in PARAMETERS.items()})
    for county in GENEROUS:
        local = {n: {"values": _values(p[2])} for n, p in PARAMETERS.items()}
        _write(folder / "areas" / county / "parameters.yaml", local)
    _write(folder / "sources" / "BENCH.yaml", {
        "id": "BENCH", "title": "Law of the benchmark", "number": "0", "date": _day(2020),
        "in_force": {"from": _day(2020)}, "authority": "nobody", "note": "invented", "confidence": "demo",
        "articles": {"1": {"says": _words("invented")}},
    })  # fmt: skip
    return folder


def _name(n: int) -> str:
    name, again = PROGRAMMES[n % len(PROGRAMMES)]["programme"], n // len(PROGRAMMES)
    return f"{name}_{again + 1}" if again else name


def _programme(n: int) -> dict[str, Any]:
    shape, again = PROGRAMMES[n % len(PROGRAMMES)], n // len(PROGRAMMES)

    def own(expr: str) -> str:
        """The expression among the programmes of the same repetition."""
        if not again:
            return expr
        names = "|".join(p["programme"] for p in PROGRAMMES)
        return re.sub(rf"\b({names})(?=\.|')", rf"\1_{again + 1}", expr)

    name = _name(n)
    law = {"source": "BENCH", "article": "1"}
    made: dict[str, Any] = {k: shape[k] for k in ("subject", "period", "once_per") if k in shape}
    made |= {"programme": name, "in_force": {"from": _day(2020)}, "names": {_day(2020): _words(name)}}
    made |= {k: own(shape[k]) for k in ("ask_when", "applies_when") if k in shape}
    if "priority" in shape:
        made["priority"] = [
            {"name": part, "points": points, "when": own(when), "label": _words(part)}
            for part, points, when in shape["priority"]
        ]
    if "variables" in shape:
        made["variables"] = {v: _variable(v, (e, t, own(x))) for v, (e, t, x) in shape["variables"].items()}
    made["conditions"] = [
        {"name": c, "bit": bit, "expr": own(e), "law": law, "label": _words(c), "question": _words(c),
         "remedy": _words(c)}
        for bit, (c, e) in enumerate(shape["conditions"].items())
    ]  # fmt: skip
    if "amount" in shape:
        made["amount"] = {
            "expr": own(shape["amount"]), "round": {"to": "0.01", "mode": "half_up"}, "tolerance": "0.00",
        }  # fmt: skip
    made["excludes"] = [{"programme": own(f"{p}.")[:-1], "mode": mode} for p, mode in shape.get("excludes", ())]
    return made


def _fact(name: str, fact: dict[str, Any]) -> dict[str, Any]:
    settled = {"label": _words(name), "question": _words(name), "settled_by": ["visit"], "source_rank": ["visit"]}
    unit = {"unit": "yuan"} if fact["type"] == "money" else {}
    return {"period": "eternity", **fact, **unit, **settled}


def _variable(name: str, variable: tuple[str, str, str]) -> dict[str, Any]:
    entity, kind, expr = variable
    period = {"period": "month"} if "income" in name else {}
    return {"entity": entity, "type": kind, **period, "label": _words(name), "expr": expr}


def _parameter(name: str, parameter: tuple[str, Any, Any]) -> dict[str, Any]:
    kind, everywhere, _ = parameter
    by_class = {"per": "household_class"} if isinstance(everywhere, tuple) else {}
    return {"label": _words(name), "type": kind, "by": "area", **by_class, "values": _values(everywhere)}


def _values(value: Any) -> dict[Any, Any]:
    if isinstance(value, tuple):
        value = dict(zip(("rural", "urban"), value, strict=True))
    return {_day(2020): {"value": value, "source": "BENCH", "article": "1", "confidence": "demo"}}


def _words(name: str) -> dict[str, str]:
    return {"zh": name, "en": name.replace("_", " ")}


def _day(year: int) -> Any:
    return yaml.safe_load(f"{year}-01-01")


def _write(path: Path, content: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), "utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else len(PROGRAMMES))
