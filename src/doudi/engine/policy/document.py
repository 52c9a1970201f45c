"""One YAML or CSV file as a tree of nodes that know their place. Values are kept as written, never guessed.

PyYAML's C parser gives events only; the tree is built here, so that a bare `yes`, a float, a duplicate key or an
exploding anchor is a fault with its line instead of a value.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date

import yaml
from yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from doudi.engine.words import Fault

MAX_BYTES = 2_000_000
MAX_TABLE_BYTES = 32_000_000
MAX_DEPTH = 30

NAMING = ("name", "id", "programme", "period")  # keys by which an element of a list is called

_INT = re.compile(r"-?(0|[1-9]\d{0,17})")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_NULL = ("", "~", "null")
_TRAPS = re.compile(  # what YAML 1.1 would read as a boolean or a number, and a person as a word
    r"yes|no|on|off|Yes|No|On|Off|YES|NO|ON|OFF|True|TRUE|False|FALSE|Null|NULL"
    r"|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)|nan|NaN|NAN|inf|Infinity"
    r"|[-+]?[\d_]*\.?[\d_]*[eE][-+]?\d+|[-+]?0[xob][\da-fA-F_]+|[-+]?0\d+|\+\d+|\d[\d_]*_[\d_]*|\d+(:[0-5]?\d)+"
)
# What has no shape on paper, or turns the direction of writing: two texts with it look alike and are not.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f"
    "\u2028-\u202e\u2060-\u206f\u3164\ud800-\udfff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff\U000e0000-\U000e0fff]"
)
_FLOAT = re.compile(r"[-+]?(\d+\.\d*|\.\d+)")

Value = bool | int | date | str | None | list["Node"] | dict[str, "Node"]


@dataclass(frozen=True, slots=True)
class Node:
    """value: a scalar as YAML shows it, a list, or a mapping by key text; text: a scalar as written.

    line: where its key stands, or itself in a list. size counts nodes with aliases followed.
    """

    file: str
    line: int
    value: Value
    text: str = ""
    size: int = 1


MAX_FAULTS = 200
BUDGET = {"nodes": 100_000, "expressions": 5_000, "characters": 300_000, "rows": 100_000}


class GaveUp(Exception):
    """Too many faults or too large a pack: looking further only costs time. The reason is among the faults."""


class Faults(list[Fault]):
    """What is wrong with one pack, each fault once, and what may still be spent on reading it.

    An expression read for two purposes says the same twice; the second time does not count.
    """

    def __init__(self) -> None:
        super().__init__()
        self.left = dict(BUDGET)

    def spend(self, what: str, n: int, file: str, line: int) -> None:
        """Raises GaveUp when a pack has more of something than any law needs."""
        self.left[what] -= n
        if self.left[what] < 0:
            self.append(Fault(f"policy.many_{what}", {"limit": BUDGET[what]}, file, line))
            raise GaveUp

    def append(self, fault: Fault) -> None:
        if fault in self[-20:]:
            return
        if len(self) >= MAX_FAULTS:
            super().append(Fault("policy.more_faults", {"limit": MAX_FAULTS}))
            raise GaveUp
        super().append(fault)


class Unreadable(Exception):
    """The rest of this file cannot be trusted; the reason is already among the faults."""


@dataclass
class _Reader:
    file: str
    faults: Faults
    events: Iterator[Event]
    anchors: dict[str, Node | None] = field(default_factory=dict)  # None while it is being read
    path: list[str] = field(default_factory=list)  # keys and numbers down to what is being read

    def fault(self, code: str, event: Event, **fields: object) -> None:
        self.faults.append(Fault(code, fields, self.file, _line(event), ".".join(self.path)))

    def node(self, event: Event) -> Node:
        if len(self.path) >= MAX_DEPTH:
            self.fault("policy.yaml_depth", event, limit=MAX_DEPTH)
            raise Unreadable
        if isinstance(event, AliasEvent):
            node = self._alias(event)
        else:
            anchor = getattr(event, "anchor", None)
            if anchor:
                self.anchors[anchor] = None
            node = self._fresh(event)
            if anchor:
                self.anchors[anchor] = node
        self.faults.spend("nodes", node.size if isinstance(event, AliasEvent) else 1, self.file, _line(event))
        return node

    def _alias(self, event: AliasEvent) -> Node:
        node = self.anchors.get(event.anchor or "")
        if node is None:
            self.fault("policy.yaml_alias", event, name=event.anchor)
            raise Unreadable
        return node

    def _fresh(self, event: Event) -> Node:
        if getattr(event, "tag", None) not in (None, "!"):
            self.fault("policy.yaml_tag", event, tag=str(event.tag)[:60])  # type: ignore[attr-defined]
        line = _line(event)
        if isinstance(event, ScalarEvent):
            return Node(self.file, line, self._scalar(event), event.value)
        if isinstance(event, SequenceStartEvent):
            items: list[Node] = []
            while not isinstance(event := next(self.events), SequenceEndEvent):
                self.path.append(str(len(items) + 1))
                items.append(self.node(event))
                self.path.pop()
            return Node(self.file, line, items, size=1 + sum(n.size for n in items))
        entries = self._entries()
        return Node(self.file, line, entries, size=1 + sum(n.size for n in entries.values()))

    def _entries(self) -> dict[str, Node]:
        entries: dict[str, Node] = {}
        while not isinstance(event := next(self.events), MappingEndEvent):
            self.path.append(event.value[:60] if isinstance(event, ScalarEvent) else "[…]")
            key = self._key(event)
            line = _line(event)
            value = self.node(next(self.events))
            if key in entries:
                self.fault("policy.yaml_duplicate", event, key=key, line=entries[key].line)
            elif key is not None:
                entries[key] = replace(value, line=line)
            self.path.pop()
            if key in NAMING and self.path and self.path[-1].isdigit() and value.text:
                self.path[-1] = value.text[:60]  # from here on a list's element is called by its name
        return entries

    def _key(self, event: Event) -> str | None:
        if not isinstance(event, ScalarEvent):
            self.fault("policy.yaml_key", event, key="[…]")
            if not isinstance(event, AliasEvent):
                self.node(event)
            return None
        value = self._scalar(event)
        if isinstance(value, bool) or value is None:
            self.fault("policy.yaml_key", event, key=event.value)
        return value.isoformat() if isinstance(value, date) else event.value

    def _scalar(self, event: ScalarEvent) -> bool | int | date | str | None:
        text = event.value
        if not text.isprintable() and (unseen := _INVISIBLE.search(text)):
            self.fault("policy.invisible", event, char=_code(unseen[0]))
        if event.style or event.tag == "!":
            return text
        if text in ("true", "false"):
            return text == "true"
        if text in _NULL:
            return None
        if _INT.fullmatch(text):
            return int(text)
        if _DATE.fullmatch(text):
            if (found := day(text)) is not None:
                return found
            self.fault("policy.yaml_date", event, text=text)
        elif _FLOAT.fullmatch(text):
            self.fault("policy.yaml_float", event, text=text)
        elif _TRAPS.fullmatch(text):
            self.fault("policy.yaml_trap", event, text=text)
        return text


def day(text: str) -> date | None:
    """The day of a text in the one spelling there is, 2020-07-20; None for anything else."""
    try:
        return date.fromisoformat(text) if _DATE.fullmatch(text) and text.isascii() else None
    except ValueError:
        return None


def _code(character: str) -> str:
    return f"U+{ord(character):04X}"


def _check_visible(file: str, text: str, faults: Faults) -> None:
    """Comments count too: what a reader sees has to be what is read. A line already told is not told again."""
    told = {f.line for f in faults if f.file == file and f.code == "policy.invisible"}
    for unseen in _INVISIBLE.finditer(text):
        line = text.count("\n", 0, unseen.start()) + 1
        if line not in told:
            told.add(line)
            faults.append(Fault("policy.invisible", {"char": _code(unseen[0])}, file, line))


def _line(event: Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1


def read_yaml(file: str, data: bytes, faults: Faults) -> Node | None:
    """None when nothing can be read; every fault goes to `faults`."""
    text = _decoded(file, data, MAX_BYTES, faults)
    if text is None:
        return None
    try:
        events = iter(yaml.parse(text, Loader=yaml.CSafeLoader))
        reader = _Reader(file, faults, events)
        node: Node | None = None
        for event in events:
            if isinstance(event, DocumentStartEvent):
                if node is not None:
                    reader.fault("policy.yaml_documents", event)
                    return None
                node = reader.node(next(events))
            elif isinstance(event, DocumentEndEvent):
                continue
    except Unreadable:
        return None
    except yaml.MarkedYAMLError as e:
        mark = e.problem_mark or e.context_mark
        place = {"line": mark.line + 1, "column": mark.column + 1} if mark else {"line": 1, "column": 1}
        faults.append(Fault("policy.yaml_syntax", {**place, "why": e.problem or ""}, file, place["line"]))
        return None
    except (yaml.YAMLError, RecursionError, ValueError) as e:
        before = text[: getattr(e, "position", 0)]  # a character that YAML does not take
        place = {"line": before.count("\n") + 1, "column": len(before) - before.rfind("\n")}
        faults.append(
            Fault("policy.yaml_syntax", {**place, "why": getattr(e, "reason", type(e).__name__)}, file, place["line"])
        )
        return None
    _check_visible(file, text, faults)
    if node is None or node.value is None:
        faults.append(Fault("policy.file_empty", {}, file))
        return None
    return node


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a table as texts by column; nodes are made for those cells only that are looked at closely."""

    file: str
    line: int
    cells: dict[str, str]

    def node(self, column: str) -> Node:
        return Node(self.file, self.line, self.cells[column] or None, self.cells[column])


def read_csv(file: str, data: bytes, faults: Faults) -> list[Row]:
    """A header that cannot be used leaves no rows, a bad row is left out: each with its fault."""
    text = _decoded(file, data, MAX_TABLE_BYTES, faults)
    _check_visible(file, text or "", faults)
    reader = csv.reader(io.StringIO(text or "", newline=""), strict=True)
    rows: list[Row] = []
    try:
        header = next(reader, [])
        if text is not None and (not all(header) or not header or len(set(header)) != len(header)):
            faults.append(Fault("policy.csv_header", {}, file, 1))
            return []
        for cells in reader:
            if len(cells) == len(header):
                rows.append(Row(file, reader.line_num, dict(zip(header, cells, strict=True))))
            elif cells:
                fields = {"n": len(cells), "expected": len(header)}
                faults.append(Fault("policy.csv_cells", fields, file, reader.line_num))
            faults.spend("rows", 1, file, reader.line_num)
    except csv.Error as e:
        faults.append(Fault("policy.csv_syntax", {"line": reader.line_num, "why": str(e)}, file, reader.line_num))
    return rows


def _decoded(file: str, data: bytes, limit: int, faults: Faults) -> str | None:
    if len(data) > limit:
        faults.append(Fault("policy.file_large", {"n": len(data), "limit": limit}, file))
        return None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as e:
        faults.append(Fault("policy.not_utf8", {}, file, data[: e.start].count(b"\n") + 1))
        return None
