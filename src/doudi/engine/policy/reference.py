"""What the language has, as lists: for the reference part of the manual, which is made from them.

Files and their keys are asked from the checker itself: a file with a key that nobody knows is told which there are.
"""

from __future__ import annotations

from dataclasses import dataclass

from doudi.engine.policy.archive import Files
from doudi.engine.policy.functions import FUNCTIONS, TYPED
from doudi.engine.policy.loader import faults_of
from doudi.engine.policy.tables import SCHEMAS

# name: arguments (? may be left out, | another form), what it gives. Those of one type each stand in `TYPED`.
# numeric and ordered: the types of check.NUMERIC and check.ORDERED; same: the type of what is given.
SIGNATURES: dict[str, tuple[str, str]] = {
    "sum": ("x: numeric, where?: bool", "same"),
    "any": ("c: bool, where?: bool", "bool"),
    "all": ("c: bool, where?: bool", "bool"),
    "min": ("x: ordered, where?: bool | a, b, …: ordered", "same"),
    "max": ("x: ordered, where?: bool | a, b, …: ordered", "same"),
    "count_if": ("c: bool", "int"),
    "if": ("c: bool, a, b", "same"),
    "is_known": ("x", "bool"),
    "div": ("a: numeric, b: numeric, scale", "number | money"),
    "round": ("x: numeric, to, mode", "same"),
    "floor": ("x: numeric", "int | money"),
    "abs": ("x: numeric", "same"),
    "date": ("'2020-07-01'", "date"),
    "money": ("'650.00'", "money"),
    "age_years": ("born: date, on?: date", "int"),
    "first_month": ("x", "same"),
    "per_month": ("x: numeric", "number | money"),
    "in_month": ("x, n: int", "same"),
    "mean_months": ("x: numeric, n: int", "number | money"),
    "sum_months": ("x: numeric, n: int", "same"),
    "scale": ("name, x: numeric", "same"),
    "enrolled": ("'P'", "bool"),
    "enrolled_amount": ("'P'", "money"),
    "in_area": ("x: area, 'CODE'", "bool"),
    "same_area": ("x: area, y: area, 'level'", "bool"),
}


def functions() -> dict[str, tuple[str, str]]:
    """Every function of the language: how it is written with the types of its arguments, and what it gives."""
    found: dict[str, tuple[str, str]] = {}
    for name in FUNCTIONS:
        if name in TYPED:
            takes, type_ = TYPED[name]
            found[name] = (f"{name}({', '.join(takes)})", type_)
        else:
            forms, gives = SIGNATURES[name]
            found[name] = (" | ".join(f"{name}({form})" for form in forms.split(" | ")), gives)
    return found


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of one kind of mapping: where it stands, all keys in the checker's order, those that must be there."""

    place: str
    known: tuple[str, ...]
    required: frozenset[str]


_ODD = "zzz"
_ASKED: dict[str, tuple[str, str]] = {  # place: file, text with a key that nobody knows
    "pack.yaml": ("pack.yaml", f"{_ODD}: 1"),
    "facts.yaml": ("facts.yaml", f"{_ODD}: 1"),
    "facts.yaml: a fact": ("facts.yaml", f"person: {{x: {{{_ODD}: 1}}}}"),
    "variables.yaml: a variable": ("variables.yaml", f"x: {{{_ODD}: 1}}"),
    "parameters.yaml: a parameter": ("parameters.yaml", f"x: {{{_ODD}: 1}}"),
    "parameters.yaml: a value": ("parameters.yaml", f"x: {{type: int, values: {{2020-01-01: {{{_ODD}: 1}}}}}}"),
    "parameters.yaml: a scale": ("parameters.yaml", f"x: {{type: rate, scale: {{{_ODD}: 1}}}}"),
    "programme.yaml": ("programmes/p/programme.yaml", f"{_ODD}: 1"),
    "programme.yaml: a condition": ("programmes/p/programme.yaml", f"conditions: [{{{_ODD}: 1}}]"),
    "programme.yaml: law": ("programmes/p/programme.yaml", f"conditions: [{{law: {{{_ODD}: 1}}}}]"),
    "programme.yaml: amount": ("programmes/p/programme.yaml", f"amount: {{{_ODD}: 1}}"),
    "programme.yaml: amount.round": ("programmes/p/programme.yaml", f"amount: {{expr: 0, round: {{{_ODD}: 1}}}}"),
    "programme.yaml: priority": ("programmes/p/programme.yaml", f"priority: [{{{_ODD}: 1}}]"),
    "programme.yaml: excludes": ("programmes/p/programme.yaml", f"excludes: [{{{_ODD}: 1}}]"),
    "examples.yaml: an example": ("examples.yaml", f"[{{{_ODD}: 1}}]"),
    "examples.yaml: facts": ("examples.yaml", f"[{{facts: {{{_ODD}: 1}}}}]"),
    "examples.yaml: enrolments": ("examples.yaml", f"[{{enrolments: [{{{_ODD}: 1}}]}}]"),
    "areas/CODE/parameters.yaml: a value": (
        "areas/341503000000/parameters.yaml", f"x: {{values: {{2020-01-01: {{{_ODD}: 1}}}}}}",
    ),
    "signs/*.yaml: a sign": ("signs/s.yaml", f"x: {{{_ODD}: 1}}"),
    "sources/ID.yaml": ("sources/S.yaml", f"{_ODD}: 1"),
    "sources/ID.yaml: articles": ("sources/S.yaml", f"articles: {{'1': {{{_ODD}: 1}}}}"),
    **{f"{name}: a row": (f"{name}.yaml", f"[{{{_ODD}: 1}}]") for name in SCHEMAS},
    "registers/NAME.yaml": ("registers/r.yaml", f"{_ODD}: 1"),
    "registers/NAME.yaml: a column": ("registers/r.yaml", f"columns: [{{{_ODD}: 1}}]"),
    "registers/words.yaml": ("registers/words.yaml", f"{_ODD}: 1"),
}  # fmt: skip
_HEAD = b"pack: x\nedition: x\nlanguage: doudi-pack/1\n"


def file_keys() -> list[Keys]:
    """What the checker says is lawful at each place."""
    return [_keys(place, file, text) for place, (file, text) in _ASKED.items()]


def _keys(place: str, file: str, text: str) -> Keys:
    files: Files = {"pack.yaml": _HEAD, file: text.encode()}
    if file.startswith("areas/"):
        files["parameters.yaml"] = b"x: {type: int, by: area, values: {}}"
    found = [f for f in faults_of(files) if f.file == file]
    (odd,) = (f for f in found if f.code == "policy.unknown_key")
    there = odd.path.removesuffix(_ODD).removesuffix(".")
    required = {f.fields["key"] for f in found if f.code == "policy.missing_key" and f.path == there}
    return Keys(place, tuple(odd.fields["known"].split(", ")), frozenset(required))
