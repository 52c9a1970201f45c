"""Every act, revealing purpose and page purpose of the office has words for the auditor."""

from __future__ import annotations

import re
from pathlib import Path

from doudi.office.desk.forms import RevealForm
from doudi.office.reports.acts import ACTS, OUTCOMES, PURPOSES, word

OFFICE = Path(__file__).parents[2]
RECORDED = re.compile(r'\brecord(?:_act|_refusal)?\(\s*"([a-z_]+\.[a-z_]+)"')


def sources() -> str:
    files = [path for path in OFFICE.rglob("*.py") if "tests" not in path.parts]
    return "\n".join(path.read_text("utf-8") for path in files if "Write one entry" not in path.read_text("utf-8"))


def test_every_recorded_act_has_words() -> None:
    acts = set(RECORDED.findall(sources()))
    examples = {"registry.changed", "registry.change", "payments.released", "jobs.changed"}  # of docstrings
    assert len(acts) > 8 and acts - examples <= ACTS.keys()


def test_every_purpose_has_words() -> None:
    declared = set(re.findall(r'@access\([^)]*"([a-z_]+)"\)', sources()))
    assert {*declared, *dict(RevealForm.PURPOSES)} <= PURPOSES.keys()


def test_a_code_without_words_is_shown_as_it_is() -> None:
    assert word(ACTS, "law.rewritten") == "law.rewritten" and word(OUTCOMES, "done") == "办成"
