"""Which column of a register means what: data of the pack (`registers/NAME.yaml`), never code.

A column means a field of `records.Record` (name, number, role, head_name, village, observed_on …), or `person.FACT` or
`household.FACT` for a fact of the pack, or any other name, which is handed to the room that asked for it (`amount`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal

from doudi.engine.policy.model import Fact, Pack

Belongs = Literal["living", "book", "listed", "none"]


@dataclass(frozen=True, slots=True)
class Column:
    """means: see above. headers: as offices write them. fill: an empty cell repeats the one above (merged cells).

    words: what a cell's words mean here, before the ordinary reading (`无` → `0.00`). else_means: what the column means
    on a sheet where no other column means that (`身份证号` beside no 成员身份证号). only: what it may say,
    after `words`; empty is anything.
    """

    means: str
    headers: tuple[str, ...]
    fill: bool = False
    words: Mapping[str, str] = field(default_factory=dict)
    else_means: str = ""
    only: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Register:
    """One kind of list: who owns it, what its rows prove, how they stand together.

    belongs: do rows say who lives together (`living`), who stands in one book (`book`) or on one grant (`listed`), or
    nothing of the kind. always: facts that
    every row proves (`person.is_deceased: true`). kind: department, visit or declared. enrols: the programme on whose
    rolls its rows stand, if it is a roster; amount_of: the columns that add up to the amount.
    A list whose rows name the programme themselves (a column that means `programme`) grants those of
    household_programmes to the household, the others to the person.
    """

    name: str
    label_zh: str
    label_en: str
    owner: str
    kind: str
    belongs: Belongs
    columns: tuple[Column, ...]
    always: Mapping[str, Any]
    enrols: str = ""
    amount_of: tuple[str, ...] = ("amount",)
    household_programmes: frozenset[str] = frozenset()

    @cached_property
    def names_programmes(self) -> bool:
        return any(column.means == "programme" for column in self.columns)

    @cached_property
    def by_header(self) -> dict[str, Column]:
        """Folded header → column; where two columns claim one header the first stands."""
        found: dict[str, Column] = {}
        for column in self.columns:
            for header in column.headers:
                found.setdefault(folded(header), column)
        return found


@dataclass(frozen=True, slots=True)
class CommonWords:
    """Words that mean the same in every register: roles, yes, no, not known, the same as above, subtotals."""

    roles: Mapping[str, str]
    yes: frozenset[str]
    no: frozenset[str]
    unknown: frozenset[str]
    as_above: frozenset[str]
    totals: tuple[str, ...]


def folded(text: str) -> str:
    """A header without width, blanks, brackets and their content: `月收入（元）` → `月收入`."""
    plain = unicodedata.normalize("NFKC", text)
    return re.sub(r"\(.*?\)|[\s:*、,]", "", plain).lower()


def registers_of(pack: Pack) -> Mapping[str, Register]:
    """Every register the pack describes, by name. In lists of people and households each fact's label is a header."""
    if pack.hash not in _read:
        _read[pack.hash] = _all(pack)
    return _read[pack.hash]


_read: dict[str, dict[str, Register]] = {}  # by the pack's hash: rooms above ask once per chunk of an import


def _all(pack: Pack) -> dict[str, Register]:
    described = pack.catalogues.get("registers", {})
    found = {name: _register(name, entry) for name, entry in described.items() if name != "words"}
    for name in found.keys() & {"person", "household"}:
        labels = [_by_label(f) for f in pack.facts.values() if name == "person" or f.entity == "household"]
        found[name] = replace(found[name], columns=(*found[name].columns, *labels))
    return {
        name: _with_programmes(register, pack) if register.names_programmes else register
        for name, register in found.items()
    }


def _with_programmes(register: Register, pack: Pack) -> Register:
    """Its rows name a programme by code or by any name the pack has for it, and no other."""
    names = {word: p.name for p in pack.programmes.values() for _, words in p.names for word in (words.zh, words.en)}
    labels = pack.labels.get("programmes", {})
    names |= {word: code for code in pack.other_programmes for word in labels.get(code, {}).values()}
    codes = frozenset((*pack.programmes, *pack.other_programmes))
    columns = [
        replace(c, words={**names, **c.words}, only=codes) if c.means == "programme" else c for c in register.columns
    ]
    for_homes = {p.name for p in pack.programmes.values() if p.subject == "household"}
    return replace(register, columns=tuple(columns), household_programmes=register.household_programmes | for_homes)


def words_of(pack: Pack) -> CommonWords:
    entry = pack.catalogues.get("registers", {})["words"]
    return CommonWords(
        roles={word: role for role, words in entry["roles"].items() for word in words},
        yes=frozenset(entry["yes"]),
        no=frozenset(entry["no"]),
        unknown=frozenset(entry["unknown"]),
        as_above=frozenset(entry["as_above"]),
        totals=tuple(entry["totals"]),
    )


def _by_label(fact: Fact) -> Column:
    return Column(f"{fact.entity}.{fact.name}", (fact.label.zh, fact.label.en, fact.name))


def _register(name: str, entry: Mapping[str, Any]) -> Register:
    return Register(
        name=name,
        label_zh=entry["label"]["zh"],
        label_en=entry["label"]["en"],
        owner=entry.get("owner", ""),
        kind=entry["kind"],
        belongs=entry.get("belongs", "none"),
        columns=tuple(_column(c) for c in entry["columns"]),
        always=entry.get("always", {}),
        enrols=entry.get("enrols", ""),
        amount_of=tuple(entry.get("amount_of", ("amount",))),
        household_programmes=frozenset(entry.get("household_programmes", ())),
    )


def _column(entry: Mapping[str, Any]) -> Column:
    return Column(
        entry["means"],
        tuple(entry["headers"]),
        bool(entry.get("fill", False)),
        {str(k): str(v) for k, v in entry.get("words", {}).items()},
        entry.get("else_means", ""),
        frozenset(entry.get("only", ())),
    )
