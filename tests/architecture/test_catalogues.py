"""Both catalogues of the engine say the same codes with the same fields."""

from __future__ import annotations

import re

from doudi.engine.words import _catalogue


def test_every_code_is_said_in_both_languages_with_the_same_fields() -> None:
    zh, en = _catalogue("zh"), _catalogue("en")
    assert zh.keys() == en.keys()
    for code, text in zh.items():
        assert set(re.findall(r"{(\w+)", text)) == set(re.findall(r"{(\w+)", en[code])), code
