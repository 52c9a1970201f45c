"""Each folder of `packs` is a part of the language page as a small pack: its examples hold on both backends."""

from __future__ import annotations

from pathlib import Path

import pytest

from doudi.engine.screening.packtest import run_examples

PACKS = sorted(p.parent.name for p in (Path(__file__).parent / "packs").glob("*/pack.yaml"))


@pytest.mark.slow
@pytest.mark.parametrize("name", PACKS)
def test_every_promise_of_the_page_holds_on_both_backends(name: str) -> None:
    results = run_examples(Path(__file__).parent / "packs" / name)
    assert results
    assert [(r.name, r.backend, r.differences) for r in results if not r.passed] == []


@pytest.mark.slow
def test_drafts_laid_one_over_the_other_are_judged_by_their_own_examples() -> None:
    folder = Path(__file__).parent
    results = run_examples(folder / "packs" / "words", [folder / "overlays" / name for name in ("first", "second")])
    assert [(r.name, r.backend, r.differences) for r in results] == [
        ("both laid", "python", ()),
        ("both laid", "duckdb", ()),
    ]
