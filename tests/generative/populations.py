"""Random packs and random households, from a seed: the same seed, the same law and people. Every name is invented."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from doudi.engine.policy import load, plan
from doudi.engine.policy.model import Fact, Pack, Plan
from doudi.engine.screening.household import UNKNOWN, Enrolment, Household, Person

AS_OF = date(2020, 7, 20)
VILLAGES = ("341503203204", "341503003001", "520502001001")
_FACTS = """
person:
  wage: {type: money, min: "0.00", label: {zh: 工资, en: wage}}
  debt: {type: money, label: {zh: 收支差, en: balance}}
  hours: {type: int, min: 0, max: 24, label: {zh: 工时, en: hours}}
  ill: {type: bool, label: {zh: 患病, en: ill}}
  here: {type: bool, presumed: true, label: {zh: 同住, en: lives here}}
  grade: {type: enum, values: [a, b, c], label: {zh: 等级, en: grade}}
  born: {type: date, period: eternity, label: {zh: 出生, en: born}}
household:
  savings: {type: money, min: "0.00", max: "90000.00", label: {zh: 存款, en: savings}}
  rooms: {type: int, min: 0, presumed: 2, label: {zh: 房间, en: rooms}}
  kind: {type: enum, values: [rural, urban], label: {zh: 类别, en: class}}
  owner: {type: bool, label: {zh: 有房, en: owner}}
"""
_PARAMETERS = """
standard: {label: {zh: 标准, en: standard}, type: money, by: area, per: kind, values: {}}
share: {label: {zh: 比例, en: share}, type: rate, values: {2020-01-01: {value: "0.35"}}}
cap: {label: {zh: 上限, en: cap}, type: int, by: area, values: {2019-01-01: {value: 7}, 2020-07-20: {value: 3}}}
open_one: {label: {zh: 待定, en: open}, type: money, by: area, values: {}}
"""
_AREAS = {
    "341503000000": """
standard: {values: {2020-01-01: {value: {rural: "600.00", urban: "680.00"}}}}
open_one: {values: {2020-01-01: {value: "33.33"}}}
""",
    "520502000000": """
standard: {values: {2020-01-01: {value: {rural: "412.50", urban: "505.05"}}}}
cap: {values: {2020-02-01: {value: 5}}}
""",
}
_NAMES = {
    ("person", "money"): ["wage", "debt"],
    ("person", "int"): ["hours"],
    ("person", "bool"): ["ill", "here"],
    ("household", "money"): ["savings", "standard", "open_one"],
    ("household", "int"): ["rooms", "cap"],
    ("household", "bool"): ["owner"],
}


class _Writer:
    """Writes random expressions of a type that the language allows."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.names = {k: list(v) for k, v in _NAMES.items()}

    def expr(self, kind: str, entity: str, depth: int) -> str:
        if depth <= 0 or self.rng.random() < 0.2:
            return self.leaf(kind, entity)
        made: Callable[[str, int], str] = getattr(self, kind)
        return made(entity, depth - 1)

    def leaf(self, kind: str, entity: str) -> str:
        names = list(self.names[entity, kind])
        if entity == "person" and self.rng.random() < 0.3:
            names = list(self.names["household", kind])
        if self.rng.random() < 0.15:
            return {"money": "money('125.40')", "int": str(self.rng.randint(0, 20)), "bool": "true"}[kind]
        return self.rng.choice(names)

    def money(self, entity: str, depth: int) -> str:
        a, b, n, c = (self.expr(k, entity, depth) for k in ("money", "money", "int", "bool"))
        forms = [
            f"({a} + {b})", f"({a} - {b})", f"{self.leaf('int', entity)} * ({a})", f"share * ({a})", f"max({a}, {b})",
            f"min({a}, {b})", f"if({c}, {a}, {b})", f"round({a}, '0.10', half_up)", f"div({a}, {n}, 2)", f"max({a}, 0)",
            f"round({a}, '7', up)", f"abs({a})", f"-({a})",
        ]  # fmt: skip
        if entity == "household":
            v, w = self.expr("money", "person", depth), self.expr("bool", "person", depth)
            forms += [f"sum({v}, {w})", f"sum({v})", f"min({v}, {w})", f"max({v})", f"sum({v}, {w})", f"sum({v})"]
        return self.rng.choice(forms)

    def int(self, entity: str, depth: int) -> str:
        a, b, c = (self.expr(k, entity, depth) for k in ("int", "int", "bool"))
        forms = [f"({a} + {b})", f"({a} - {b})", f"if({c}, {a}, {b})", f"max({a}, {b})"]
        if entity == "household":
            c = self.expr("bool", "person", depth)
            forms += [f"count_if({c})", f"sum({self.expr('int', 'person', depth)}, {c})", f"count_if({c})"]
        else:
            forms.append("age_years(born)")
        return self.rng.choice(forms)

    def bool(self, entity: str, depth: int) -> str:
        a, b, i, j, c, d = (self.expr(k, entity, depth) for k in ("money", "money", "int", "int", "bool", "bool"))
        op = self.rng.choice(["<", "<=", ">", ">=", "==", "!="])
        forms = [
            f"({a} {op} {b})", f"({i} {op} {j})", f"({c} and {d})", f"({c} or {d})", f"not ({c})",
            "kind == 'rural'", "enrolled('other')", "enrolled('first')", f"({a} < {b})", f"if({c}, {d}, {i} <= {j})",
        ]  # fmt: skip
        if entity == "household":
            v, w = self.expr("bool", "person", depth), self.expr("bool", "person", depth)
            forms += [f"any({v}, {w})", f"all({v}, {w})", f"any({v})"]
        else:
            forms += ["grade in ('a', 'b')", "grade == 'c'", "born <= date('2002-07-20')", "age_years(born) >= 60"]
        return self.rng.choice(forms)


def random_pack(seed: int, folder: Path) -> Pack:
    """A pack of three programmes whose expressions are drawn from the seed; its text stands in `folder`."""
    rng = random.Random(f"pack {seed}")
    w = _Writer(rng)
    lines = []
    for n in range(6):
        kind, entity = rng.choice(["money", "money", "int", "bool"]), rng.choice(["person", "household"])
        lines.append(f'v{n}: {{entity: {entity}, type: {kind}, expr: "{w.expr(kind, entity, 2)}"}}')
        w.names[entity, kind].append(f"v{n}")
    files = {
        "pack.yaml": f"pack: random\nedition: '{seed}'\nlanguage: doudi-pack/1\nareas: all\nmissing: unknown\n"
        "rule_date: application\nroles: [head, other]\nother_programmes: [other]\n",
        "facts.yaml": _FACTS,
        "parameters.yaml": _PARAMETERS,
        "variables.yaml": "\n".join(lines) + "\n",
        "programmes/first/programme.yaml": _programme(
            w, "first", "household", "excludes: [{programme: other, mode: instead}]"
        ),
        "programmes/second/programme.yaml": _programme(w, "second", "person", ""),
    }
    w.names["person", "bool"].append("second.eligible")
    files["programmes/third/programme.yaml"] = _programme(w, "third", "household", "")
    for code, text in _AREAS.items():
        files[f"areas/{code}/parameters.yaml"] = text
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return load(folder)


def _programme(w: _Writer, name: str, subject: str, more: str) -> str:
    conditions = "\n".join(
        f'  - {{name: c{bit}, bit: {bit}, expr: "{w.bool(subject, 2)}"}}' for bit in range(w.rng.randint(2, 4))
    )
    applies = f'applies_when: "{w.bool(subject, 1)}"\n' if w.rng.random() < 0.4 else ""
    return (
        f"programme: {name}\nsubject: {subject}\nperiod: month\n{applies}"
        f'ask_when: "{w.bool(subject, 1)}"\nconditions:\n{conditions}\n'
        f'amount: {{expr: "{w.expr("money", subject, 3)}", tolerance: "0.50"}}\n{more}\n'
    )


def planned(pack: Pack) -> Plan:
    return plan(pack, AS_OF, VILLAGES)


# ---- people ----------------------------------------------------------------------------------------------------------
def random_household(seed: int, pack: Pack, holes: float = 0.2) -> Household:
    """A household of one to four; each fact is missing, or said to be unknown, with probability `holes`."""
    rng = random.Random(f"household {seed}")
    id, place = f"h{seed:05d}", rng.choice(VILLAGES)
    persons = tuple(
        Person(f"{id}.{n}", "other" if n else "head", place, _facts(rng, pack, "person", holes))
        for n in range(rng.randint(1, 4))
    )
    household = Household(id, place, _facts(rng, pack, "household", holes), persons)
    enrolments = tuple(_enrolment(rng, household, p) for p in ("first", "second", "other") if rng.random() < 0.3)
    return replace(household, enrolments=enrolments)


def _facts(rng: random.Random, pack: Pack, entity: str, holes: float) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for fact in pack.facts.values():
        if fact.entity == entity and (draw := rng.random()) >= holes / 2:
            found[fact.name] = UNKNOWN if draw < holes else random_value(rng, fact)
    for variable in pack.variables.values():
        if variable.entity == entity and variable.type == "money" and rng.random() < holes / 8:
            found[variable.name] = UNKNOWN if rng.random() < 0.3 else Decimal(rng.randint(0, 90000)) / 100
    return found


def random_value(rng: random.Random, fact: Fact) -> Any:
    """A value the fact's declaration allows, often on an edge."""
    if fact.type == "bool":
        return rng.random() < 0.5
    if fact.type == "enum":
        return rng.choice(fact.values)
    if fact.type == "date":
        return rng.choice([date(2004, 2, 29), date(2002, 7, 20), date(1940, 1, 1) + timedelta(rng.randint(0, 29000))])
    if fact.type == "int":
        return rng.randint(int(fact.min or 0), int(fact.max or 12))
    low = 0 if fact.min is not None else -90000
    return Decimal(rng.choice([0, 60000, 125400 // 10, rng.randint(low, 90000)])) / 100


def _enrolment(rng: random.Random, h: Household, programme: str) -> Enrolment:
    kind = "person" if programme == "second" else rng.choice(["household", "household", "person"])
    kind = "household" if programme == "first" else kind
    amount = None if rng.random() < 0.1 else Decimal(rng.randint(0, 90000)) / 100
    starts, ends = rng.choice([(None, None), (AS_OF, None), (None, AS_OF), (date(2020, 8, 1), None)])
    ids = [p.id for p in h.persons]
    persons = tuple(rng.sample(ids, 1)) if kind == "household" and rng.random() < 0.4 else None
    subject = h.id if kind == "household" else rng.choice(ids)
    return Enrolment(kind, subject, programme, amount, "month", starts, ends, persons)


def completed(rng: random.Random, pack: Pack, h: Household) -> Household:
    """The household with every unknown filled in by something its declaration allows."""

    def full(entity: str, facts: dict[str, Any]) -> dict[str, Any]:
        told = {n: v for n, v in facts.items() if v != UNKNOWN}
        for fact in pack.facts.values():
            silent = fact.name not in facts and fact.presumed is not None
            if fact.entity == entity and fact.name not in told and not silent:
                told[fact.name] = random_value(rng, fact)
        for name, value in facts.items():
            if name in pack.variables and value == UNKNOWN:
                told[name] = Decimal(rng.randint(-90000, 90000)) / 100
        return told

    persons = tuple(replace(p, facts=full("person", p.facts)) for p in h.persons)
    enrolments = tuple(replace(e, amount=Decimal(1) if e.amount is None else e.amount) for e in h.enrolments)
    return replace(h, facts=full("household", h.facts), persons=persons, enrolments=enrolments)
