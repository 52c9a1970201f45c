"""GLOSSARY.md is the one list of names: what code and pack call things stands in it, with the same Chinese."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import yaml

from doudi.engine.screening.answers import FindingKind, Outcome, State

ROOT = Path(__file__).resolve().parents[2]


def glossary() -> dict[str, str]:
    rows: dict[str, str] = {}
    for line in (ROOT / "GLOSSARY.md").read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| ") and re.fullmatch(r"[a-z0-9_]+", cells[0]):
            assert cells[0] not in rows, f"{cells[0]} stands twice"
            rows[cells[0]] = cells[1]
    return rows


def test_states_outcomes_and_kinds_of_findings_stand_in_the_glossary() -> None:
    names = {*get_args(State), *get_args(Outcome), *get_args(FindingKind)}
    assert names <= glossary().keys()


def test_programmes_of_the_pack_carry_the_glossary_s_name() -> None:
    words = glossary()
    for file in sorted((ROOT / "packs/cn/programmes").glob("*/programme.yaml")):
        programme = yaml.safe_load(file.read_text("utf-8"))
        names = programme["names"]
        labels = [names] if "zh" in names else list(names.values())
        assert words[programme["programme"]] in {label["zh"] for label in labels}, file


def test_every_fact_of_the_pack_carries_the_glossary_s_name() -> None:
    words = glossary()
    facts = yaml.safe_load((ROOT / "packs/cn/facts.yaml").read_text("utf-8"))
    for entity in ("person", "household"):
        for name, fact in facts[entity].items():
            assert fact["label"]["zh"] == words.get(name), name
