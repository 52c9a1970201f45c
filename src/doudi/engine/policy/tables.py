"""The lists that other rooms read, each with its columns in one table; what they name must exist.

A list is `NAME.csv`, `NAME.yaml` (a list of records with the same keys) or a folder of these. In a CSV a cell with
several values parts them by semicolons. Registers have files of their own shape (`registers`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from doudi.engine.policy.document import Node, Row
from doudi.engine.policy.item import Item
from doudi.engine.policy.model import Fact
from doudi.engine.policy.places import Days, check_place
from doudi.engine.words.near import hint, nearest

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,59}")
_WHOLE = re.compile(r"\d{1,9}")
_DECIMAL = re.compile(r"-?\d{1,12}(\.\d{1,6})?")
_NATION = "000000000000"
_EVERY = "all"


@dataclass(frozen=True, slots=True)
class Column:
    """kind: what a value is, or which list or part of the pack it names; is_list: several values; choices: all that
    it can be."""

    name: str
    kind: str = "text"
    is_required: bool = False
    is_list: bool = False
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Schema:
    """columns in order; key: the columns that say which row it is; different rows of one key never meet on one day."""

    columns: tuple[Column, ...]
    key: tuple[str, ...]


def _column(text: str) -> Column:
    """`name*:kind[]=a|b`: a star is required, brackets are several values."""
    said, _, choices = text.partition("=")
    name, _, kind = said.partition(":")
    return Column(
        name.rstrip("*"),
        "choice" if choices else kind.removesuffix("[]") or "text",
        name.endswith("*"),
        kind.endswith("[]"),
        tuple(choices.split("|")) if choices else (),
    )


def _schema(key: str, columns: str) -> Schema:
    """Every list may say from when to when a row holds, and by which document."""
    dated = "from:day to:day source:source article confidence=A|B|C|demo note"
    return Schema(tuple(_column(c) for c in f"{columns} {dated}".split()), tuple(key.split()))


SCHEMAS: dict[str, Schema] = {
    "processes": _schema(
        "process step",
        """process*:code step*:code order*:whole zh* en actor:code actor_zh actor_en term:whole
        unit=days|working_days|months starts_with:step form:form programmes:programme[] register:register""",
    ),
    "forms": _schema(
        "code",
        """code*:code zh* en step*:step programmes*:programme[] fields:text[] signatures:text[] posting
        copies:text[]""",
    ),
    "archive": _schema(
        "programme code",
        """programme*:programme order*:whole code*:code zh* en required_when form:form register:register""",
    ),
    "checklists": _schema(
        "list code",
        """list*:code code*:code group* zh* en grade=yes|local|county|no asks:fact remedy_zh remedy_en""",
    ),
    "reasons": _schema(
        "code",
        """code*:code zh* en used_for*:choice[]=refusal|termination|change|suspension|hold|recovery|referral
        programmes*:programme[] condition""",
    ),
    "rhythms": _schema(
        "code",
        """code*:code zh* en subject*=person|household|facility every:whole unit=days|working_days|months
        parameter:parameter sign:sign programme:programme checklist:checklist""",
    ),
    "thresholds": _schema(
        "plan area ladder level criterion min equals",
        """plan*:code area*:area ladder*:code level*:code criterion*:code min:number max:number equals unit
        proposes""",
    ),
    "templates": _schema(
        "template order",
        """template*:code kind*=bank|platform|statistics|notice order*:whole header* means* width:whole format
        masked:flag step:step programmes:programme[]""",
    ),
}


@dataclass
class Known:
    """What rows may name. step, form, register, checklist are collected from the lists themselves."""

    programme: set[str]
    fact: Mapping[str, Fact]
    parameter: set[str]
    sign: set[str]
    source: set[str]
    roles: tuple[str, ...]
    in_force: Days
    step: set[str] = field(default_factory=set)
    process: set[str] = field(default_factory=set)
    form: set[str] = field(default_factory=set)
    archive: set[str] = field(default_factory=set)
    register: set[str] = field(default_factory=set)
    checklist: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of a list: its cells as items, and where it stands."""

    item: Item
    cells: dict[str, Item]
    is_csv: bool

    def texts(self, column: Column) -> list[Item]:
        """The values of a cell, one or several; empty where nothing is said."""
        cell = self.cells.get(column.name)
        if cell is None or cell.node.value is None:
            return []
        if not column.is_list:
            return [cell]
        if self.is_csv:
            parts = [p.strip() for p in cell.node.text.split(";") if p.strip()]
            return [replace(cell, node=replace(cell.node, value=p, text=p)) for p in parts]
        return cell.items()


def entries_of(item: Item, content: Node | list[Row]) -> Iterator[Entry]:
    """item: the file. Rows of a CSV, or records of a YAML list."""
    if isinstance(content, list):
        for row in content:
            cells = {c: Item(row.node(c), c, item.faults) for c in row.cells}
            yield Entry(Item(Node(row.file, row.line, {}), "", item.faults), cells, True)
        return
    for record in Item(content, item.path, item.faults).items("code"):
        yield Entry(record, record.entries(), False)


def check_lists(lists: Mapping[str, Mapping[str, Node | list[Row]]], names: Known, at: Item) -> None:
    """lists: by name, then by file. What one list names in another is collected first. at: see `entries_of`."""
    found = {
        name: [e for path, content in lists.get(name, {}).items() for e in entries_of(_file(path, at), content)]
        for name in SCHEMAS
    }
    for kind, (name, column) in _COLLECTED.items():
        said = (e.cells[column].node.text for e in found[name] if column in e.cells)
        getattr(names, kind).update(text for text in said if text)
    for name, entries in found.items():
        check_list(name, entries, names)


_COLLECTED = {
    "step": ("processes", "step"), "process": ("processes", "process"), "form": ("forms", "code"),
    "archive": ("archive", "code"), "checklist": ("checklists", "list"),
}  # fmt: skip


def _file(path: str, at: Item) -> Item:
    return Item(Node(path, 1, {}), "", at.faults)


def check_list(name: str, entries: list[Entry], names: Known) -> None:
    """Every fault of the rows of one list (all its files)."""
    schema = SCHEMAS[name]
    columns = {c.name: c for c in schema.columns}
    seen: dict[tuple[str, ...], list[tuple[Days, Entry]]] = {}
    told: set[tuple[str, str]] = set()  # a column is a matter of the file, not of each of its rows
    for e in entries:
        for column, cell in e.cells.items():
            if column not in columns and (e.item.node.file, column) not in told:
                if e.is_csv:
                    told.add((e.item.node.file, column))
                cell.fault(
                    "policy.unknown_key", key=column[:60], near=nearest(column, columns), known=", ".join(columns)
                )
        for c in schema.columns:
            values = e.texts(c)
            for value in values:
                _CHECKS[c.kind](value, c, names)
            if c.is_required and not values and (e.item.node.file, c.name) not in told:
                if e.is_csv and c.name not in e.cells:
                    told.add((e.item.node.file, c.name))
                e.item.fault("policy.missing_key", key=c.name)
        days = _days(e)
        row = tuple(e.cells[k].node.text if k in e.cells else "" for k in schema.key)
        for other, first in seen.get(row, []):
            if _meet(days, other):
                place = {"file": first.item.node.file, "line": first.item.node.line}
                e.item.fault("policy.row_twice", key=" ".join(filter(None, row))[:80], **place)
                break
        seen.setdefault(row, []).append((days, e))


def _days(e: Entry) -> Days:
    since, until = (_day(e.cells.get(k)) for k in ("from", "to"))
    if since and until and until < since:
        e.item.fault("policy.days_reversed", since=since, until=until)
    return since, until


def _day(cell: Item | None) -> date | None:
    try:
        return date.fromisoformat(cell.node.text) if cell else None
    except ValueError:
        return None


def _meet(a: Days, b: Days) -> bool:
    return (a[0] or date.min) <= (b[1] or date.max) and (b[0] or date.min) <= (a[1] or date.max)


UNKNOWN = {
    "step": "policy.unknown_step", "process": "policy.unknown_process", "form": "policy.unknown_form",
    "archive": "policy.unknown_archive", "register": "policy.unknown_register",
    "checklist": "policy.unknown_checklist", "sign": "policy.unknown_sign",
}  # fmt: skip


# ---- kinds of value ------------------------------------------------------------------------------------------------
Check = Callable[[Item, Column, Known], None]


def _text(item: Item, column: Column, names: Known) -> None:
    item.label()


def _form_of(pattern: re.Pattern[str], code: str) -> Check:
    def check(item: Item, column: Column, names: Known) -> None:
        if not pattern.fullmatch(item.node.text):
            item.fault(code, got=item.shown())

    return check


def _choice(item: Item, column: Column, names: Known) -> None:
    if item.node.text not in column.choices:
        item.fault("policy.no_choice", got=item.shown(), allowed=", ".join(column.choices))


def _flag(item: Item, column: Column, names: Known) -> None:
    if item.node.text not in ("true", "false"):
        item.fault("policy.expected_bool", got=item.shown())


def _is_day(item: Item, column: Column, names: Known) -> None:
    if _day(item) is None:
        item.fault("policy.expected_date", got=item.shown())


def _area(item: Item, column: Column, names: Known) -> None:
    if item.node.text != _NATION:
        check_place(item, item.node.text, names.in_force)


def _programme(item: Item, column: Column, names: Known) -> None:
    if item.node.text not in names.programme and item.node.text != _EVERY:
        item.fault("policy.unknown_programme", name=item.node.text[:60], near=hint(item.node.text, names.programme))


def _source(item: Item, column: Column, names: Known) -> None:
    if names.source and item.node.text not in names.source:
        item.fault("policy.unknown_source", name=item.node.text[:60], near=hint(item.node.text, names.source))


def _named(kind: str) -> Check:
    def check(item: Item, column: Column, names: Known) -> None:
        known = getattr(names, kind)
        if item.node.text not in known:
            item.fault(UNKNOWN[kind], name=item.node.text[:60], near=hint(item.node.text, known))

    return check


def _fact(item: Item, column: Column, names: Known) -> None:
    if item.node.text not in names.fact:
        item.fault("policy.unknown_name", name=item.node.text[:60], near=hint(item.node.text, names.fact))


def _parameter(item: Item, column: Column, names: Known) -> None:
    if item.node.text not in names.parameter:
        item.fault("policy.unknown_name", name=item.node.text[:60], near=hint(item.node.text, names.parameter))


_CHECKS: dict[str, Check] = {
    "text": _text,
    "code": _form_of(_CODE, "policy.code_form"),
    "whole": _form_of(_WHOLE, "policy.expected_int"),
    "number": _form_of(_DECIMAL, "policy.expected_number"),
    "choice": _choice,
    "flag": _flag,
    "day": _is_day,
    "area": _area,
    "programme": _programme,
    "source": _source,
    "fact": _fact,
    "parameter": _parameter,
    **{kind: _named(kind) for kind in UNKNOWN},
}
