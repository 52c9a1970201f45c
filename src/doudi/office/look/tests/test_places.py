"""Areas as people call them."""

from __future__ import annotations

import pytest

from doudi.engine.divisions import find
from doudi.office.look.places import spoken


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("341503400000", "经济开发区"),  # listed as 六安市裕安区经济开发区
        ("341503203204", "江店村"),
        ("341503108000", "固镇镇"),
        ("341503000000", "裕安区"),
    ],
)
def test_a_place_is_called_as_people_call_it(code: str, name: str) -> None:
    area = find(code)
    assert area and spoken(area) == name
