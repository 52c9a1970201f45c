"""The example of the manual is a snapshot that the engine reads, and its tables have the columns it names."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

from doudi.engine.policy import load
from doudi.engine.screening.household import UNKNOWN
from doudi.engine.screening.snapshot import read
from doudi.engine.screening.snapshot.columns import NEEDED

PAGE = (Path(__file__).parents[2] / "docs/manual/snapshot.md").read_text("utf-8")
BLOCKS = dict(re.findall(r"```\w+ (\S+)\n(.*?)```", PAGE, re.DOTALL))


def test_the_example_of_the_manual_is_read_as_it_stands(tmp_path: Path) -> None:
    for name, text in BLOCKS.items():
        (tmp_path / name).write_text(text, "utf-8")
    manifest = json.loads(BLOCKS["manifest.json"])
    for table in manifest["tables"].values():
        (entry,) = table["files"]
        entry["sha256"] = hashlib.sha256((tmp_path / entry["path"]).read_bytes()).hexdigest()
    (tmp_path / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    home = read(tmp_path, load("cn")).household("h1")
    assert [p.facts["lives_here"] for p in home.persons] == [UNKNOWN, UNKNOWN]
    assert home.enrolments[0].persons == ("p1", "p2")


def test_the_page_names_every_needed_column() -> None:
    for table, columns in NEEDED.items():
        (row,) = [line for line in PAGE.split("\n") if line.startswith(f"| `{table}`")]
        assert all(f"`{column}`" in row for column in columns), table
