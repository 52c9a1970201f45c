"""The manual's table of settings and the program know the same variables."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_every_setting_is_in_the_manual_and_every_row_is_a_setting() -> None:
    sources = [path for path in (ROOT / "src/doudi").rglob("*.py") if "tests" not in path.parts]
    read = {name for path in sources for name in re.findall(r"\bDOUDI_[A-Z_]*[A-Z]", path.read_text("utf-8"))}
    manual = (ROOT / "docs/manual/settings.md").read_text("utf-8")
    assert read == set(re.findall(r"^\| `(DOUDI_[A-Z_]+)`", manual, re.MULTILINE))
