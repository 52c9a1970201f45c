"""Both catalogues of the engine say the same codes with the same fields."""

from __future__ import annotations

import re

from doudi.engine.words import _catalogue, say


def test_every_code_is_said_in_both_languages_with_the_same_fields() -> None:
    zh, en = ({c: t for c, t in _catalogue(lang).items() if not c.endswith(".one")} for lang in ("zh", "en"))
    assert zh.keys() == en.keys()
    for code, text in zh.items():
        assert set(re.findall(r"{(\w+)", text)) == set(re.findall(r"{(\w+)", en[code])), code


def test_one_of_a_kind_is_said_of_a_code_that_counts() -> None:
    for code, text in _catalogue("en").items():
        if code.endswith(".one"):
            assert "{n}" in _catalogue("en")[code.removesuffix(".one")] and "{n}" in text
    assert (say("explain.unit.homes", "en", n=1), say("explain.unit.homes", "en", n="2")) == ("1 home", "2 homes")
