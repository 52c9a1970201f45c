"""What a command generated is what the command would generate now."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

FILE = re.compile(r"^```\w+ (\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.slow
def test_generated_pages_are_up_to_date() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "docs/build.py"), "--check"],
        cwd=ROOT, capture_output=True, text=True, check=False, env={"PYTHONPATH": str(ROOT / "src"), "PATH": ""},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def test_both_languages_teach_with_the_same_files() -> None:
    """What the commands print is held by the test above, which plays every step again."""
    english, chinese = (
        [(m[1], m[2]) for m in FILE.finditer((ROOT / "docs" / page).read_text("utf-8"))]
        for page in ("packs.md", "packs.zh.md")
    )
    assert english == chinese and len(english) >= 12
