"""Everything the engine says, as a code with fields and two catalogues (zh, en).

A catalogue is every YAML file under `zh/` and `en/`: code to text with `{fields}`. A fault's code has a second entry
`<code>.remedy`. Nouns: Fault, Said, Refused. Doors: `say()`, `language()`.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml

Language = Literal["zh", "en"]


def language() -> Language:
    """The reader's language on a command line: DOUDI_LANG, then LANG, else Chinese."""
    for name in ("DOUDI_LANG", "LANG"):
        value = os.environ.get(name, "")
        if value.startswith("en"):
            return "en"
        if value.startswith("zh"):
            return "zh"
    return "zh"


@cache
def _catalogue(lang: Language) -> dict[str, str]:
    texts: dict[str, str] = {}
    for path in sorted((Path(__file__).parent / lang).glob("*.yaml")):
        for code, text in yaml.safe_load(path.read_text("utf-8")).items():
            if code in texts:
                raise ValueError(f"{path}: {code} is said twice")
            texts[code] = text
    return texts


def say(code: str, lang: Language | None = None, /, **fields: Any) -> str:
    """The text of a code in one language; KeyError when a catalogue lacks it (a test holds both complete).

    Where `n` is 1, the text of `<code>.one` where a language has one.
    """
    lang = lang or language()
    texts = {k: say(v.code, lang, **v.fields) if isinstance(v, Said) else v for k, v in fields.items()}
    catalogue = _catalogue(lang)
    one = f"{code}.one"
    return catalogue[one if str(fields.get("n")) == "1" and one in catalogue else code].format(**texts)


def visible(text: str) -> str:
    """The text with whatever cannot be seen on a screen written as its code: a name from a file may hold anything."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c == "\u3000" else f"\\u{ord(c):04x}" for c in text)


def has(code: str) -> bool:
    """Whether a code is said at all (both catalogues hold the same codes)."""
    return code in _catalogue("zh")


def codes() -> list[str]:
    """Every code that can be said, sorted."""
    return sorted(_catalogue("zh"))


def template(code: str, lang: Language) -> str:
    """The text of a code with its `{fields}` as they stand, for a list of all that can be said."""
    return _catalogue(lang)[code]


@dataclass(frozen=True, slots=True)
class Said:
    """A field of a message that is itself said in the reader's language."""

    code: str
    fields: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong in a file: where, what, why, remedy.

    file: as the user named it; line counts from 1; path is the dotted path inside the file (`programmes.x.amount`);
    table, row, column for tabular input (row counts data rows from 1).
    """

    code: str
    fields: dict[str, Any] = field(default_factory=dict)
    file: str = ""
    line: int | None = None
    path: str = ""
    table: str = ""
    row: int | None = None
    column: str = ""

    def text(self, lang: Language | None = None) -> str:
        lang = lang or language()
        place = [visible(self.file)]
        if self.table:
            place.append(say("place.table", lang, table=self.table))
        if self.line is not None:
            place.append(say("place.line", lang, line=self.line))
        if self.row is not None:
            place.append(say("place.row", lang, row=self.row))
        if self.column:
            place.append(say("place.column", lang, column=self.column))
        if self.path:
            place.append(visible(self.path))
        reason, remedy = self._said(lang)
        return say("fault", lang, place=" · ".join(p for p in place if p), reason=reason, remedy=remedy)

    def _said(self, lang: Language) -> tuple[str, str]:
        fields = {k: visible(v) if isinstance(v, str) else v for k, v in self.fields.items()}
        return say(self.code, lang, **fields), say(f"{self.code}.remedy", lang, **fields)

    def to_json(self, lang: Language | None = None) -> dict[str, Any]:
        reason, remedy = self._said(lang or language())
        return {
            "code": self.code,
            "file": visible(self.file),
            "line": self.line,
            "path": visible(self.path),
            "table": self.table,
            "row": self.row,
            "column": self.column,
            "reason": reason,
            "remedy": remedy,
        }


class Refused(Exception):
    """Input that cannot be taken; carries every fault found, never only the first."""

    def __init__(self, *faults: Fault) -> None:
        self.faults = faults
        super().__init__("; ".join(f.code for f in faults))
