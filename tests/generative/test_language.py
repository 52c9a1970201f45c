"""The small packs of the language, answered by the naive interpreter too."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

import doudi.engine.screening.tests as engine_tests
from doudi.engine.policy import load, plan
from doudi.engine.screening.example import read_example
from tests.generative.engines import by_python, by_reading, differences

FOLDER = Path(engine_tests.__file__).parent / "packs"
PACKS = sorted(p.parent.name for p in FOLDER.glob("*/pack.yaml"))


@pytest.mark.slow
@pytest.mark.parametrize("name", PACKS)
def test_the_naive_interpreter_reads_the_examples_alike(name: str) -> None:
    pack = load(FOLDER / name)
    assert pack.examples
    for raw in pack.examples:
        example = read_example(pack, raw)
        said = by_python(plan(pack, example.as_of, example.counties()), [example.household])
        read = by_reading(pack, example.as_of, [example.household], Counter())
        assert differences(read, said) == [], raw["name"]
