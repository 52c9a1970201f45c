"""Random packs from a seed: the same seed, the same law. Every name and figure is invented.

A draft is the pack's files as plain values; written as YAML they go through the real loader, so the checker meets
every draft too.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from tests.generative.expressions import AREAS, PLACES, TEXTS, TYPES, VALUES, Name, Place, Writer, money

DAYS = (
    date(2020, 7, 20), date(2020, 2, 29), date(2019, 2, 28), date(2020, 3, 1), date(2019, 12, 31), date(2021, 1, 1),
    date(2021, 3, 1), date(2020, 6, 30), date(2020, 7, 1), date(2021, 2, 28),
)  # fmt: skip
_DAY = timedelta(days=1)
Files = dict[str, Any]  # path → plain value of the YAML file


@dataclass
class Draft:
    """A pack not yet written. as_of: the day on which it is interesting."""

    as_of: date
    files: Files = field(default_factory=dict)

    def write(self, folder: Path) -> Path:
        for name, content in self.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content if isinstance(content, str) else dumped(content), "utf-8")
        return folder


def dumped(content: Any) -> str:
    return yaml.dump(content, Dumper=_Plain, allow_unicode=True, sort_keys=False, width=10_000)


class _Plain(yaml.SafeDumper):
    """No anchors: the loader takes none it does not need."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def random_draft(seed: int, used: Counter[tuple[str, str]] | None = None) -> Draft:
    """used: see Writer; one counter over many packs makes them meet every way of the language."""
    rng = random.Random(f"pack {seed}")
    as_of = DAYS[seed % len(DAYS)]
    return _Drafting(rng, as_of, Counter() if used is None else used, seed).draft()


class _Drafting:
    def __init__(self, rng: random.Random, as_of: date, used: Counter[tuple[str, str]], seed: int) -> None:
        self.rng, self.as_of, self.seed = rng, as_of, seed
        self.near = (as_of, as_of - _DAY, as_of + _DAY)
        days = (*self.near, date(2004, 2, 29), date(2002, 7, 20), date(1960, 2, 29))
        self.writer = Writer(rng, days, used)
        self.files: Files = {}
        self.count = 0
        self.wins_by_amount = seed % 3 == 0  # `higher` and a fixed precedence do not go together
        self.paid: dict[str, tuple[str, str, bool]] = {"other": ("", "", True)}  # subject, period, has an amount

    def draft(self) -> Draft:
        rng = self.rng
        self.files["pack.yaml"] = {
            "pack": "random", "edition": str(self.seed), "language": "doudi-pack/1", "areas": "all",
            "missing": "default" if rng.random() < 0.25 else "unknown", "roles": ["head", "other"],
            "other_programmes": ["other"], "calendar": "days.csv",
        }  # fmt: skip
        self.files["days.csv"] = self.calendar()
        self.files["facts.yaml"] = {"person": self.facts("person"), "household": self.facts("household")}
        self.files["parameters.yaml"] = self.parameters(None)
        self.files["parameters.yaml"] |= self.scales() | self.months()
        self.writer.programmes["other"] = None
        self.writer.names += [Name("division", "fact", "area", None)]
        variables = self.variables(6, None)
        for name, subject in (("first", "household"), ("second", "person"), ("third", _ENTITIES[self.seed % 2])):
            self.programme(name, subject)
            variables |= self.variables(2, None)
        shuffled = list(variables.items())
        rng.shuffle(shuffled)  # order says nothing
        self.files["variables.yaml"] = dict(shuffled)
        return Draft(self.as_of, self.files)

    def name(self, prefix: str) -> str:
        self.count += 1
        return f"{prefix}{self.count}"

    # ---- facts -----------------------------------------------------------------------------------------------------
    def facts(self, entity: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for kind in (*TYPES, "money", "int", "bool", "date"):
            name = f"{entity[0]}{len(found)}_{kind}" + ("_until" if kind == "date" and len(found) % 2 else "")
            found[name] = self.fact(kind, entity)
            limited = bool(found[name].keys() & {"min", "max"})
            period = found[name].get("period", "month")
            self.writer.names.append(Name(name, "fact", kind, entity, period, is_limited=limited))
        if entity == ("person" if self.seed % 2 else "household"):
            found["hukou_division"] = {"type": "area", "period": "eternity"}
            self.writer.names.append(Name("hukou_division", "fact", "area", entity, "eternity"))
        return found

    def fact(self, kind: str, entity: str) -> dict[str, Any]:
        rng = self.rng
        fact: dict[str, Any] = {"type": kind}
        if (draw := rng.random()) < 0.5:
            fact["period"] = "eternity" if draw < 0.1 else "year" if draw < 0.25 else "month"
        if kind == "enum":
            fact["values"] = list(VALUES)
        if kind in ("int", "number", "rate", "money"):
            fact |= rng.choice(_BOUNDS)(kind)
        if kind in ("number", "money") and fact.get("period") == "month" and rng.random() < 0.6:
            fact["spread"] = True
        if kind in ("bool", "enum", "int") and rng.random() < 0.3:
            fact["presumed"] = {"bool": rng.random() < 0.5, "enum": "b", "int": 2}[kind]
        if rng.random() < 0.4:
            fact["default"] = plain(kind, self.value(kind))
        return fact

    def value(self, kind: str) -> Any:
        rng = self.rng
        return {
            "bool": lambda: rng.random() < 0.5,
            "int": lambda: rng.choice([0, 1, 2, 3, 7, -2]),
            "number": lambda: Decimal(rng.choice(["0.5", "1.25", "3", "-2.5", "0.333333"])),
            "rate": lambda: Decimal(rng.choice(["0.35", "0.5", "1.2", "0"])),
            "money": lambda: money(rng),
            "date": lambda: rng.choice([*self.near, date(2004, 2, 29), date(2019, 5, 31)]),
            "text": lambda: rng.choice(["x", "it's", "up", "half_up", "down"]),
            "enum": lambda: rng.choice(VALUES),
            "area": lambda: rng.choice(PLACES),
        }[kind]()

    # ---- parameters ------------------------------------------------------------------------------------------------
    def parameters(self, owner: str | None) -> dict[str, Any]:
        kinds = ["money", "int", "number"] if owner else [*TYPES, "money", "money", "int", "number", "rate", "money"]
        found: dict[str, Any] = {}
        for n, kind in enumerate(kinds):
            if kind == "enum":
                continue
            name = self.name(f"q_{kind}")
            by = None if kind == "text" and n % 2 else self.rng.choice([None, "area", "area", "hukou_division"])
            per = self.rng.choice([f.name for f in self.writer.names if f.type == "enum" and f.kind == "fact"])
            found[name] = self.parameter(name, kind, by, per if self.rng.random() < 0.4 else None, owner)
        return found

    def scales(self) -> dict[str, Any]:
        """Each kind once for every type that its amounts may have."""
        found: dict[str, Any] = {}
        for kind, type_ in (("marginal_rate", "rate"), ("single_amount", "money"), ("marginal_amount", "money"),
                            ("single_amount", "int"), ("marginal_amount", "number")):  # fmt: skip
            name = self.name(f"q_{kind}")
            limits = self.rng.sample(["0", "1", "125.40", "600", "0.5", "18", "1999.99", "-33.33"], 8)  # each once
            amounts = ["0", "0.1", "0.35", "-0.2"] if kind == "marginal_rate" else ["0", "10.25", "100", "0.01", "-5"]
            amounts = [1, 7, 30] if type_ == "int" else amounts
            rows = [{"threshold": self.curve(limits[n : n + 2]), _AMOUNT.get(kind, "amount"): self.curve(amounts)}
                    for n in range(0, self.rng.choice([2, 4, 6, 8]), 2)]  # fmt: skip
            found[name] = {"type": type_, "scale": {"kind": kind, "brackets": rows}}
            self.writer.names.append(Name(name, "parameter", type_, None, scale=kind))
        return found

    def months(self) -> dict[str, Any]:
        """Over how many months a county adds up."""
        name = self.name("q_months")
        spec = {"type": "int", "by": "area", "values": {date(2010, 1, 1): {"value": 2}}}
        for code in self.rng.sample(AREAS, 3):
            values = {date(2015, 1, 1): {"value": self.rng.choice([1, 3, 4])}, self.as_of: {"value": 3}}
            self.files.setdefault(f"areas/{code}/parameters.yaml", {})[name] = {"values": values}
        self.writer.months = name
        return {name: spec}

    def curve(self, texts: list[Any]) -> dict[date, Any]:
        """Dated figures of a bracket: mostly there, sometimes not yet or no longer."""
        rng = self.rng
        days = rng.choice([[date(2015, 1, 1)], [date(2015, 1, 1), self.as_of], [self.as_of + _DAY], [self.as_of]])
        figures: list[Any] = [{"value": text} for text in rng.sample(texts, len(days))]
        if len(days) == 2 and rng.random() < 0.2:
            figures[1] = {"value": None}
        return dict(zip(days, figures, strict=True))

    def calendar(self) -> str:
        """Some days around the day on which the week does not say whether one works."""
        days = sorted(self.rng.sample(range(-400, 400), 60))
        lines = [f"{self.as_of + timedelta(n)},{self.rng.choice(['true', 'false'])}" for n in days]
        return "\n".join(["day,working", *lines, ""])

    def parameter(self, name: str, kind: str, by: str | None, per: str | None, owner: str | None) -> dict[str, Any]:
        spec: dict[str, Any] = {"type": kind, "values": self.dated(kind, per)}
        if by:
            spec["by"] = by
            if self.rng.random() < 0.4:
                spec["fallback"] = self.rng.choice(_FALLBACKS)
            if self.rng.random() < 0.3:
                spec["values"] = {}
            for code in self.rng.sample(AREAS, self.rng.randint(1, len(AREAS))):
                local = self.files.setdefault(f"areas/{code}/parameters.yaml", {})
                local[f"{owner}.{name}" if owner else name] = {"values": self.dated(kind, per)}
        if per:
            spec["per"] = per
        chooser = per or ("hukou_division" if by == "hukou_division" else None)
        entity = next((f.entity for f in self.writer.names if f.name == chooser), None)
        if per and by == "hukou_division":  # read by both facts, so only where both are at hand
            of_hukou = next(f.entity for f in self.writer.names if f.name == "hukou_division")
            entity = "person" if "person" in (entity, of_hukou) else entity
        self.writer.names.append(Name(name, "parameter", kind, entity, None, owner))
        return spec

    def dated(self, kind: str, per: str | None) -> dict[date, Any]:
        days = self.rng.sample([date(2015, 1, 1), *self.near, date(2018, 2, 28)], self.rng.randint(1, 3))
        return {day: {"value": self.figure(kind, per)} for day in sorted(days)}

    def figure(self, kind: str, per: str | None) -> Any:
        if self.rng.random() < 0.1:
            return None
        figure = {"text": lambda: self.rng.choice(["half_up", "up", "down"])}.get(kind, lambda: self.value(kind))
        return {key: plain(kind, figure()) for key in VALUES} if per else plain(kind, figure())

    # ---- variables -------------------------------------------------------------------------------------------------
    def variables(self, n: int, owner: str | None) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for _ in range(n):
            kind = self.rng.choice([*TYPES, "money", "money", "bool", "int"])
            entity, period = self.rng.choice(_ENTITIES), self.rng.choice(["month", "month", "year", "eternity"])
            name = self.name(f"v_{kind}")
            at = Place(entity, period, owner)
            spec: dict[str, Any] = {"entity": entity, "type": kind, "period": period}
            if self.rng.random() < 0.3:
                days = self.rng.sample([date(2010, 1, 1), *self.near], self.rng.randint(1, 2))
                spec["formulas"] = {day: self.writer.expr(kind, at, 2) for day in sorted(days)}
            else:
                spec["expr"] = self.writer.expr(kind, at, 2)
            if self.rng.random() < 0.2:
                spec["end"] = self.rng.choice(self.near)
            found[name] = spec
            self.writer.names.append(Name(name, "variable", kind, entity, period, owner))
        return found

    # ---- programmes ------------------------------------------------------------------------------------------------
    def programme(self, name: str, subject: str) -> None:
        rng, w = self.rng, self.writer
        period = rng.choice(["year", "once"]) if rng.random() < 0.1 else "month"
        period = "once" if name == "second" and self.seed % 2 else period
        at = Place(subject, "month" if period == "month" else None, name)
        self.files[f"programmes/{name}/parameters.yaml"] = self.parameters(name)
        spec: dict[str, Any] = {"programme": name, "subject": subject, "period": period}
        if period == "once":
            spec["once_per"] = _ONCE[self.seed // 2 % len(_ONCE)] if name == "second" else "event"
        if rng.random() < 0.7:
            spec["variables"] = self.variables(rng.randint(1, 2), name)
        if rng.random() < 0.4:
            spec["in_force"] = self.window(always=0.7)
        if rng.random() < 0.4:
            spec["applies_when"] = w.expr("bool", at, 1)
        asking = replace(at, may_ask=True)
        if rng.random() < 0.7:
            spec["ask_when"] = w.expr("bool", asking, 2)
        spec["priority"] = [{"name": f"p{n}", "points": 30 * n, "when": w.expr("bool", asking, 1)} for n in range(2)]
        whole, *bits = rng.sample(range(62), 1 if name == "third" or period == "once" else rng.randint(2, 4))
        spec["conditions"] = [self.condition(f"c{n}", bit, at) for n, bit in enumerate(bits)]
        spec["conditions"].append({"name": "always", "bit": whole, "expr": self.likely(at, 2)})
        if name == "third" or rng.random() < 0.9:
            spec["amount"] = self.amount(at, is_first=name == "first")
        self.paid[name] = (subject, period, "amount" in spec)
        spec["excludes"] = [self.exclusion(p, name) for p in w.programmes if p != name and rng.random() < 0.9]
        self.files[f"programmes/{name}/programme.yaml"] = spec
        w.programmes[name] = subject
        w.names.append(Name("eligible", "verdict", "bool", subject, None, name))
        w.names.append(Name("amount", "verdict", "money", subject, None, name))

    def window(self, always: float) -> dict[str, date]:
        """From and to around the day: mostly in force, often on the very edge."""
        before, day, after = self.as_of - _DAY, self.as_of, self.as_of + _DAY
        if self.rng.random() < always:
            return self.rng.choice(
                [{"from": day}, {"to": day}, {"from": day, "to": after}, {"from": before, "to": day}]
            )
        return self.rng.choice([{"from": after}, {"to": before}])

    def condition(self, name: str, bit: int, at: Place) -> dict[str, Any]:
        spec = {"name": name, "bit": bit, "expr": self.likely(at, 3)}
        return spec | self.window(always=0.7) if self.rng.random() < 0.3 else spec

    def likely(self, at: Place, depth: int) -> str:
        """Often an alternative, so that some are eligible after all conditions."""
        written = self.writer.expr("bool", at, depth)
        more = self.rng.choice(["{}", "({} or not ({}))", "({} or {})"])
        return more.format(written, written if "not" in more else self.writer.expr("bool", at, 1))

    def amount(self, at: Place, is_first: bool) -> dict[str, Any]:
        """Often a large one for the first programme and small ones for those after it, which it may then exclude."""
        w = self.writer
        written = w.expr("money", at, 3)
        if self.rng.random() < 0.85:
            written = f"max({written}, money('125.40'))" if is_first else f"min({written}, money('30.00'))"
        spec: dict[str, Any] = {"expr": written}
        if self.rng.random() < 0.5:
            spec["round"] = {"to": w.step(at).strip("'"), "mode": w.mode(at)}
        named = [n.text(at.inside) for n in w.readable("money", at) if n.kind == "parameter"]
        if self.rng.random() < 0.6:
            spec["tolerance"] = self.rng.choice(["0.00", "0.50", "2000.00", *named])
        return spec

    def exclusion(self, programme: str, own: str) -> dict[str, Any]:
        spec = {"programme": programme, "mode": self.rng.choice(self.modes(programme, own))}
        return spec | self.window(always=0.7) if self.rng.random() < 0.4 else spec

    def modes(self, other: str, own: str) -> list[str]:
        """What the language lets a programme say of an earlier one."""
        subject, period, has_amount = self.paid[other]
        mine = self.paid[own]
        if subject not in ("", mine[0]):
            return ["instead", "higher", "difference", "same_need"]  # of another kind of subject: a finding, whichever
        may_compare = has_amount and mine[2] and period in ("", mine[1])
        if self.wins_by_amount:
            return [*["higher"] * 6, "same_need"] if may_compare else ["same_need"]
        return ["instead", *["difference"] * 4, "same_need"] if may_compare else ["instead", "same_need"]


_AMOUNT = {"marginal_rate": "rate"}
_ONCE = ("30 days", "1 years", "12 months", "life")
_ENTITIES = ("person", "household")
_FALLBACKS = [["county", "nation"], ["city", "province"], ["nation"], ["province", "county"], ["county", "city"]]
_BOUNDS: list[Callable[[str], dict[str, Any]]] = [
    lambda kind: {},
    lambda kind: {"min": 0 if kind == "int" else "0"},
    lambda kind: {"min": 0 if kind == "int" else "0", "max": 60 if kind == "int" else "1999.99"},
    lambda kind: {"max": 24 if kind == "int" else "900"},
    lambda kind: {"min": -5 if kind == "int" else "-100"},
]


def plain(kind: str, value: Any) -> Any:
    """As it stands in YAML: money and decimals are quoted text."""
    return f"{value:f}" if isinstance(value, Decimal) else value


__all__ = ["DAYS", "TEXTS", "Draft", "dumped", "plain", "random_draft"]
