"""The reference part of docs/packs.md says what the checker does."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from doudi.engine.policy.facts import TYPES
from doudi.engine.policy.functions import FUNCTIONS
from doudi.engine.policy.grammar import OPERATORS
from doudi.engine.policy.reference import file_keys, functions
from doudi.engine.policy.sheets import ROOT
from doudi.engine.policy.tests.small import changed, faults_of
from doudi.engine.words import has

DOCS = Path(__file__).parents[5] / "docs"


def lawful_numbers(form: str) -> set[int]:
    """How many arguments a form takes, as it is written: `f(x, y?)` one or two, `f(a, b, …)` two or more."""
    arguments = re.sub(r": [a-z]+", "", form[form.index("(") + 1 : -1])
    each = [a.strip() for a in arguments.split(",") if a.strip()]
    if "…" in each:
        return set(range(len(each) - 1, 51))
    return set(range(len([a for a in each if not a.endswith("?")]), len(each) + 1))


def test_signatures_take_as_many_arguments_as_the_checker() -> None:
    tried = {f"t_{name}_{n}": f"{name}({', '.join(['1'] * n)})" for name in FUNCTIONS for n in [*range(6), 51]}
    text = "".join(f"{n}: {{entity: household, type: int, expr: {json.dumps(e)}}}\n" for n, e in tried.items())
    refused: set[str] = set()
    for part in range(0, len(tried), 60):  # a check ends after 200 faults
        lines = text.splitlines(keepends=True)[part : part + 60]
        faults = faults_of(changed("variables.yaml", "", "".join(lines)))
        refused |= {f.path.removesuffix(".expr") for f in faults if f.code == "policy.arguments"}
    for name, (forms, _) in functions().items():
        lawful = set().union(*(lawful_numbers(form) for form in forms.split(" | ")))
        assert {n for n in [*range(6), 51] if f"t_{name}_{n}" not in refused} == lawful - set(range(6, 51)), name


def test_everything_of_the_language_has_its_sentence() -> None:
    assert functions().keys() == FUNCTIONS.keys()
    told = [f"function.{n}" for n in FUNCTIONS] + [f"type.{t}" for t in TYPES] + [f"operator.{o}" for o in OPERATORS]
    assert all(has(f"language.{what}") for what in told)


def test_keys_are_those_the_checker_takes() -> None:
    keys = {k.place: k for k in file_keys()}
    assert keys["programme.yaml"].required == {"programme", "subject", "period", "conditions"}
    assert "presumed" in keys["facts.yaml: a fact"].known


@pytest.mark.parametrize("page", ["packs.md", "packs.zh.md"])
def test_the_page_lists_every_file_of_a_pack(page: str) -> None:
    text = (DOCS / page).read_text("utf-8")
    assert all(f"`{name}`" in text for name in ROOT)
