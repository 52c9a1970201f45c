"""Every fault the compiler can tell has its words, and no words are left over."""

from __future__ import annotations

import re
from pathlib import Path

from doudi.engine.policy.document import BUDGET
from doudi.engine.policy.facts import TYPES
from doudi.engine.words import _catalogue

ROOM = Path(__file__).parents[1]


def test_codes_in_the_source_and_in_the_catalogue_are_the_same() -> None:
    source = "".join(p.read_text("utf-8") for p in ROOM.glob("*.py"))
    used = set(re.findall(r'"(policy\.[a-z0-9_]+)"', source))
    used |= {f"policy.expected_{t}" for t in TYPES} | {"policy.month_plain", "policy.year_plain"}
    used |= {f"policy.many_{what}" for what in BUDGET}
    said = {c.removesuffix(".remedy") for c in _catalogue("zh") if c.startswith("policy.")}
    assert used == said
