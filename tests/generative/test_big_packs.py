"""Two hundred programmes are no other kind of pack: every step takes as long as there is to do, never its square."""

from __future__ import annotations

import pytest

from benchmarks.big_pack import measured


@pytest.mark.slow
def test_no_step_grows_with_the_square_of_the_programmes() -> None:
    few, many = measured(40), measured(200)
    for step in ("load and check", "plan", "lower", "emit SQL", "compile Python"):
        assert many[step] < 12 * few[step] + 0.05, (step, few[step], many[step])  # the square would be 25 times
    assert many["SQL kB"] < 6 * few["SQL kB"]
    assert many["load and check"] + many["plan"] < 4
