"""The worked households of the shipped pack, on both engines."""

from __future__ import annotations

from collections import Counter

import pytest

from doudi.engine.screening.packtest import run_examples


@pytest.mark.slow
def test_every_example_of_the_pack_passes_on_both_engines() -> None:
    results = run_examples("cn")
    assert [(r.name, r.backend, d) for r in results for d in r.differences] == []
    assert len(set(Counter(r.backend for r in results).values())) == 1
    assert len(results) > 2 * 60
