from __future__ import annotations

import json
from pathlib import Path

from tests.counts import difference


def test_a_smaller_or_silently_skipping_second_pass_is_told(tmp_path: Path) -> None:
    def run(name: str, passed: int, *skips: str) -> Path:
        (tmp_path / name).write_text(json.dumps({"passed": passed, "skips": skips}), "utf-8")
        return tmp_path / name

    whole = run("sqlite", 9, "a: no Chromium")
    assert difference(whole, run("same", 8, "a: no Chromium", "b: SQLite only")) == ""
    assert "9 on PostgreSQL" in difference(whole, run("smaller", 8, "a: no Chromium"))
    assert "c: later" in difference(whole, run("silent", 8, "a: no Chromium", "c: later"))
    assert difference(whole, tmp_path / "missing")
