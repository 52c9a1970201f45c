"""docs/packs.md lists the functions and keys there are, and no others."""

from __future__ import annotations

import re
from pathlib import Path

from doudi.engine.policy.functions import FUNCTIONS
from doudi.engine.policy.sheets import ROOT

TEXT = (Path(__file__).parents[5] / "docs" / "packs.md").read_text("utf-8")


def test_the_page_lists_every_function_and_no_other() -> None:
    rows = TEXT[TEXT.index("| function |") :].split("\n\n")[0].splitlines()[2:]
    names = {name for row in rows for name in re.findall(r"`(\w+)\(", row.split("|")[1])}
    assert names == FUNCTIONS.keys()


def test_the_page_lists_every_file_of_a_pack() -> None:
    assert all(f"`{name}`" in TEXT for name in ROOT)
