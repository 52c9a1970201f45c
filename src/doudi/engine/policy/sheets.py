"""The files of a pack, sorted by what they are: every file has a place, and one without a place is a fault."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from doudi.engine.policy.catalogues import CATALOGUES
from doudi.engine.policy.document import Faults, Node, Row, read_csv, read_yaml
from doudi.engine.words import Fault, Said
from doudi.engine.words.near import hint

ROOT = ("pack.yaml", "facts.yaml", "variables.yaml", "parameters.yaml", "examples.yaml")
_PROGRAMME = ("programme.yaml", "parameters.yaml", "examples.yaml")
_IGNORED = (".md", ".txt", ".py", "LICENSE")


@dataclass
class Sheets:
    """Parsed but not yet understood. programmes and programme_parameters by folder, areas by code, sources by id."""

    faults: Faults
    root: dict[str, Node] = field(default_factory=dict)
    programmes: dict[str, Node] = field(default_factory=dict)
    programme_parameters: dict[str, Node] = field(default_factory=dict)
    programme_examples: dict[str, Node] = field(default_factory=dict)
    areas: dict[str, Node] = field(default_factory=dict)
    signs: list[Node] = field(default_factory=list)
    sources: dict[str, Node] = field(default_factory=dict)
    catalogues: dict[str, Any] = field(default_factory=dict)  # plain values
    lists: dict[str, dict[str, Node | list[Row]]] = field(default_factory=dict)  # the same by file, with places
    tables: dict[str, bytes] = field(default_factory=dict)  # CSV files that parameters may name
    tables_read: set[str] = field(default_factory=set)
    files: dict[str, bytes] = field(default_factory=dict)
    overlay_examples: list[Node] = field(default_factory=list)
    neutralised: set[str] = field(default_factory=set)
    is_whole: bool = True  # every file could be read

    def table(self, name: str) -> list[Row]:
        self.tables_read.add(name)
        return read_csv(name, self.tables[name], self.faults)

    def empty(self, name: str) -> Node:
        return self.root.get(name) or Node(name, 1, {})


def sort_files(sheets: Sheets) -> None:
    """Reads `sheets.files` into their places."""
    faults = sheets.faults
    for name in sorted(sheets.files):
        if not name.endswith(_IGNORED):
            _place(sheets, name, sheets.files[name], faults)
    for folder in sorted(sheets.programme_parameters.keys() | sheets.programme_examples.keys()):
        if folder not in sheets.programmes and f"programmes/{folder}/programme.yaml" not in sheets.files:
            faults.append(Fault("policy.no_file", {"name": "programme.yaml", "near": ""}, f"programmes/{folder}/"))


def _place(sheets: Sheets, name: str, data: bytes, faults: Faults) -> None:
    parts = PurePosixPath(name).parts
    top, stem = PurePosixPath(parts[0]).stem, PurePosixPath(name).stem
    if top in CATALOGUES:
        _catalogue(sheets, name, parts, faults, data)
    elif name.endswith(".csv"):
        sheets.tables[name] = data
    elif _where(sheets, name, parts, stem) is None:
        faults.append(Fault("policy.unknown_file", {"near": _suggestion(name)}, name))
    elif (node := read_yaml(name, data, faults)) is None:
        sheets.is_whole = False
    else:
        place = _where(sheets, name, parts, stem)
        if isinstance(place, list):
            place.append(node)
        elif place is not None:
            place[0][place[1]] = node


def _where(
    sheets: Sheets, name: str, parts: tuple[str, ...], stem: str
) -> tuple[dict[str, Node], str] | list[Node] | None:
    if name in ROOT:
        return sheets.root, name
    if not name.endswith(".yaml"):
        return None
    match parts:
        case ("programmes", folder, "programme.yaml"):
            return sheets.programmes, folder
        case ("programmes", folder, "parameters.yaml"):
            return sheets.programme_parameters, folder
        case ("programmes", folder, "examples.yaml"):
            return sheets.programme_examples, folder
        case ("areas", code, "parameters.yaml"):
            return sheets.areas, code
        case ("signs", _):
            return sheets.signs
        case ("sources", _):
            return sheets.sources, stem
    return None


def _suggestion(name: str) -> Said | str:
    last = PurePosixPath(name).name
    if re.match(r"programmes/[^/]+/", name):
        return hint(last, _PROGRAMME)
    return hint(last, (*ROOT, *(f"{c}.yaml" for c in CATALOGUES)))


def _catalogue(sheets: Sheets, name: str, parts: tuple[str, ...], faults: Faults, data: bytes) -> None:
    read: Node | list[Row] | None
    if name.endswith(".csv"):
        read = read_csv(name, data, faults)
        content: Any = [row.cells for row in read]
    elif name.endswith(".yaml"):
        read = read_yaml(name, data, faults)
        content = plain(read) if read else None
    else:
        faults.append(Fault("policy.unknown_file", {"near": f"{PurePosixPath(name).stem}.yaml"}, name))
        return
    if read is None:
        sheets.is_whole = False
    else:
        sheets.lists.setdefault(PurePosixPath(parts[0]).stem, {})[name] = read
    place, keys = sheets.catalogues, [*parts[:-1], PurePosixPath(parts[-1]).stem]
    for key in keys[:-1]:
        place = place.setdefault(key, {})
        if not isinstance(place, dict):
            faults.append(Fault("policy.repeated", {"name": key}, name))
            return
    if keys[-1] in place:
        faults.append(Fault("policy.repeated", {"name": keys[-1]}, name))
    place[keys[-1]] = content


def plain(node: Node) -> Any:
    """The node as ordinary values, for catalogues whose reader is elsewhere."""
    if isinstance(node.value, dict):
        return {key: plain(child) for key, child in node.value.items()}
    if isinstance(node.value, list):
        return [plain(child) for child in node.value]
    return node.value
