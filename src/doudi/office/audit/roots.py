"""Roots of the trail outside the database: one folder per county, one file of lines per month, only ever added to.

Copy ROOTS_DIR to another machine or print it: a log is as trustworthy as the place where its roots are kept.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from doudi.office.audit.chain import Tree


@dataclass(frozen=True, slots=True)
class Root:
    """The first `size` entries of a county's chain had this root (hex) at a real instant (ISO)."""

    county: str
    size: int
    root: str
    at: str


class DamagedRoots(Exception):
    """A line of a root file cannot be read; carries file and line."""

    def __init__(self, file: Path, line: int) -> None:
        self.file, self.line = file, line
        super().__init__(f"{file}:{line}")


def counties(folder: Path) -> list[str]:
    """Counties that have roots."""
    return sorted(path.name for path in folder.iterdir() if path.is_dir()) if folder.exists() else []


def read(folder: Path, county: str) -> list[Root]:
    """All roots of a county by size. Raises DamagedRoots; a last line cut by a power failure does not count."""
    found = []
    for file in sorted((folder / county).glob("*.jsonl")):
        *lines, _ = file.read_text("utf-8").split("\n")
        for number, line in enumerate(lines, 1):
            try:
                found.append(Root(**json.loads(line)))
            except (ValueError, TypeError) as odd:
                raise DamagedRoots(file, number) from odd
    return sorted(found, key=lambda root: root.size)


def write(folder: Path, county: str, tree: Tree, at: datetime) -> None:
    """Add the tree's root, safely on disk, and remember the tree so that the next start need not read the whole log."""
    home = folder / county
    home.mkdir(parents=True, exist_ok=True)
    line = json.dumps(asdict(Root(county, tree.size, tree.root, at.isoformat(timespec="seconds")))) + "\n"
    with (home / f"{at:%Y-%m}.jsonl").open("a+b") as file:
        _drop_half_line(file.fileno())
        file.write(line.encode())
        file.flush()
        os.fsync(file.fileno())
    part = home / "tree.part"
    part.write_text(json.dumps({"size": tree.size, "peaks": tree.peaks}), "ascii")
    part.replace(home / "tree")


def last_tree(folder: Path, county: str) -> Tree:
    """The tree as of the last root; an empty one when it is not remembered."""
    try:
        kept = json.loads((folder / county / "tree").read_text("ascii"))
        return Tree(kept["size"], kept["peaks"])
    except (FileNotFoundError, ValueError, KeyError):
        return Tree()


def _drop_half_line(descriptor: int) -> None:
    size = os.fstat(descriptor).st_size
    tail = os.pread(descriptor, 4096, max(0, size - 4096))
    if tail and not tail.endswith(b"\n"):
        os.ftruncate(descriptor, size - len(tail) + tail.rfind(b"\n") + 1)
