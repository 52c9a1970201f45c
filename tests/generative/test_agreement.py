"""The test that lets us sleep: random law, random people, and nobody answers differently from anybody else."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from doudi.engine.policy import load
from tests.generative import coverage
from tests.generative.engines import by_duckdb, by_python, by_reading, differences, without_variables
from tests.generative.packs import random_draft
from tests.generative.people import random_people

LONG = bool(os.environ.get("DOUDI_LONG"))
LOTS = range(2)  # each in a process of its own where there are two
FEWEST, MOST, PEOPLE = 14, 32, 120  # packs of a lot: until the table is full

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("lot", LOTS)
def test_duckdb_python_and_the_naive_interpreter_say_the_same(
    lot: int, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    seen: Counter[coverage.Cell] = Counter()
    each = coverage.LEAST // len(LOTS)
    used: Counter[tuple[str, str]] = Counter()
    for seed in range(lot * MOST, (lot + 1) * MOST):
        if seed >= lot * MOST + FEWEST and not coverage.missing(seen, each):
            break
        draft = random_draft(seed, used)
        folder = tmp_path / str(seed)
        pack = load(draft.write(folder / "pack"))
        people = random_people(seed, pack, draft.as_of, PEOPLE)
        read = by_reading(pack, draft.as_of, people, seen)
        planned, everybody = by_duckdb(pack, draft.as_of, people, folder)
        assert differences(read, by_python(planned, people)) == [], f"pack {seed}: Python"
        assert differences(without_variables(read), everybody) == [], f"pack {seed}: DuckDB"
    record_property("coverage", coverage.table(seen))
    assert coverage.missing(seen, each) == []


def test_every_function_and_node_has_a_cell() -> None:
    assert coverage.unnamed(coverage.wanted()) == []
