"""manifest.json: which tables a snapshot has, in which files, with how many rows and which checksum."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from doudi.engine.policy import shipped_names
from doudi.engine.words import Fault, Refused
from doudi.engine.words.near import hint

FORMAT = "doudi-snapshot/1"
TABLES = ("person", "household", "enrolment", "fact", "unknown", "truth")
REQUIRED = ("person", "household")
_NAME = "manifest.json"
_NEEDED = {"format": f'"{FORMAT}"', "as_of": '"2020-07-20"', "pack": '"cn"'}
_LARGEST = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of a table: its path below the snapshot, its data rows and SHA-256 as promised."""

    table: str
    path: str
    rows: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    as_of: date
    pack: str
    entries: tuple[Entry, ...]

    def of(self, table: str) -> tuple[Entry, ...]:
        return tuple(e for e in self.entries if e.table == table)


def read_manifest(folder: Path, *, unread: bool = False) -> tuple[Manifest, list[Fault]]:
    """The manifest of a snapshot and its faults; only files that are there and inside are kept as entries.

    unread: without opening a file, whose checksums are then believed.
    Raises Refused when there is no manifest to read, or no day in it.
    """
    content = _content(folder)
    faults = list(_faults(content))
    as_of = _day(content.get("as_of"))
    entries = tuple(_entries(content))
    faults += _missing(entries)
    readable = []
    for entry in entries:
        found = list(file_faults(folder, entry, unread=unread))
        faults += found
        if entry.table in TABLES and not {f.code for f in found} & {"snapshot.path", "snapshot.file_missing"}:
            readable.append(entry)
    if as_of is None:
        raise Refused(*faults)
    return Manifest(as_of, str(content.get("pack")), tuple(readable)), faults


def pack_of(folder: Path) -> str:
    """The shipped pack that a snapshot was made for, by name; raises Refused when it names no such pack.

    Never a path: what came with a file does not choose a folder of this machine.
    """
    name, known = _content(folder).get("pack"), shipped_names()
    if isinstance(name, str) and name in known:
        return name
    if name is None:
        raise Refused(Fault("snapshot.not_said", {"name": "pack", "example": _NEEDED["pack"]}, _NAME, path="pack"))
    fields = {"name": str(name)[:60], "shipped": ", ".join(known)}
    raise Refused(Fault("snapshot.pack_unknown", fields, _NAME, path="pack"))


def _content(folder: Path) -> dict[str, Any]:
    path = folder / _NAME
    if not folder.is_dir():
        raise Refused(Fault("snapshot.no_folder", file=str(folder)))
    if not path.is_file():
        raise Refused(Fault("snapshot.no_manifest", {"folder": folder.name}, _NAME))
    if path.stat().st_size > _LARGEST:
        raise Refused(Fault("snapshot.manifest_not_json", {"detail": f"> {_LARGEST} bytes"}, _NAME))
    twice: list[str] = []
    try:
        content = json.loads(
            path.read_bytes().decode("utf-8-sig"), object_pairs_hook=lambda pairs: _named(pairs, twice)
        )
    except (ValueError, RecursionError) as e:
        raise Refused(Fault("snapshot.manifest_not_json", {"detail": str(e)[:120]}, _NAME)) from e
    if twice:
        raise Refused(*(Fault("snapshot.key_twice", {"name": name}, _NAME) for name in dict.fromkeys(twice)))
    if not isinstance(content, dict):
        raise Refused(Fault("snapshot.manifest_not_json", {"detail": type(content).__name__}, _NAME))
    return content


def _named(pairs: list[tuple[str, Any]], twice: list[str]) -> dict[str, Any]:
    """An object of JSON; what would silently be lost, an earlier value of the same name, goes to `twice`."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice += (n for n in found if names.count(n) > 1)
    return found


def _faults(content: dict[str, Any]) -> Iterator[Fault]:
    for name, example in _NEEDED.items():
        if content.get(name) is None:
            yield Fault("snapshot.not_said", {"name": name, "example": example}, _NAME, path=name)
    if content.get("format") not in (None, FORMAT):
        yield Fault("snapshot.format", {"found": content["format"], "format": FORMAT}, _NAME, path="format")
    if content.get("as_of") is not None and _day(content["as_of"]) is None:
        yield Fault("snapshot.as_of", {"found": content["as_of"]}, _NAME, path="as_of")
    if not isinstance(content.get("pack"), str | None):
        yield Fault("snapshot.pack", {"found": content["pack"]}, _NAME, path="pack")
    tables = content.get("tables")
    if not isinstance(tables, dict):
        yield Fault("snapshot.tables", {}, _NAME, path="tables")
        return
    for name, table in tables.items():
        if name not in TABLES:
            near = hint(name, TABLES)
            yield Fault("snapshot.unknown_table", {"name": name, "near": near}, _NAME, path=f"tables.{name}")
        files = table.get("files") if isinstance(table, dict) else None
        if not isinstance(files, list):
            yield Fault("snapshot.files", {"name": name}, _NAME, path=f"tables.{name}.files")
            continue
        for at, file in enumerate(files):
            if not _is_entry(file):
                yield Fault("snapshot.file_entry", {}, _NAME, path=f"tables.{name}.files[{at}]")


def _is_entry(file: Any) -> bool:
    return (
        isinstance(file, dict)
        and isinstance(file.get("path"), str)
        and type(file.get("rows")) is int
        and file["rows"] >= 0
        and isinstance(file.get("sha256"), str)
        and re.fullmatch(r"[0-9a-fA-F]{64}", file["sha256"]) is not None
    )


def _entries(content: dict[str, Any]) -> Iterator[Entry]:
    tables = content.get("tables")
    for name, table in tables.items() if isinstance(tables, dict) else ():
        files = table.get("files") if isinstance(table, dict) else None
        for file in files if isinstance(files, list) else ():
            if _is_entry(file):
                yield Entry(name, file["path"], file["rows"], file["sha256"].lower())


def _missing(entries: tuple[Entry, ...]) -> Iterator[Fault]:
    for name in REQUIRED:
        if not any(e.table == name for e in entries):
            yield Fault("snapshot.missing_table", {"name": name}, _NAME, path="tables", table=name)
    seen: set[str] = set()
    for entry in entries:
        if entry.path in seen:
            yield Fault("snapshot.file_twice", {"path": entry.path}, _NAME, path=f"tables.{entry.table}")
        seen.add(entry.path)


def file_faults(folder: Path, entry: Entry, *, unread: bool = False) -> Iterator[Fault]:
    """A file that is not there, lies outside, or is not the one promised."""
    path = folder / entry.path
    if (
        not _is_path(entry.path)
        or not path.resolve().is_relative_to(folder.resolve())
        or path.suffix not in (".parquet", ".csv")
    ):
        yield Fault("snapshot.path", {"path": entry.path}, _NAME, path=f"tables.{entry.table}")
    elif not path.is_file():
        yield Fault("snapshot.file_missing", {"path": entry.path}, entry.path, table=entry.table)
    elif not unread and (found := _sha256(path)) != entry.sha256:
        fields = {"expected": entry.sha256[:12], "found": found[:12]}
        yield Fault("snapshot.checksum", fields, entry.path, table=entry.table)


def _is_path(text: str) -> bool:
    """Whether the system can look for it at all: no character without shape, no name longer than it allows."""
    return text.isprintable() and all(len(part.encode()) <= 255 for part in text.split("/")) and len(text) <= 1_000


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _day(value: Any) -> date | None:
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None
