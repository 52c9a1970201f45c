"""The folder beside OUT in which a result is made, and how that comes into its place.

All work stands in `OUT.partial`. What is finished there is put in place by a rename, so a killed command loses at most
what it had in hand, and the same command takes up the rest. At the end the whole becomes OUT in one step.
"""

from __future__ import annotations

import ctypes
import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from doudi.engine.words import Fault, Refused

_EXCHANGE = 2  # renameat2: swap two names
_HERE = -100  # … of paths that are not relative to an open folder


@dataclass(frozen=True, slots=True)
class Work:
    """The folder beside OUT: finished chunks by number, what is being made, the result before its rename."""

    folder: Path
    out: Path

    @staticmethod
    def beside(out: Path) -> Work:
        return Work(out.with_name(out.name + ".partial"), out)

    def chunk(self, number: int, kind: str = "chunks") -> Path:
        return self.folder / kind / f"{number:05d}"

    @property
    def result(self) -> Path:
        return self.folder / "result"


@contextmanager
def held(work: Work) -> Iterator[None]:
    """One process at a time; the lock goes with the process, whatever ends it."""
    work.folder.mkdir(exist_ok=True)
    with (work.folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as e:
            raise Refused(Fault("screening.under_way", {}, str(work.out))) from e
        yield


def take_up(work: Work, identity: str) -> None:
    """Keep what an interrupted run of the same work left, clear away anything else.

    identity: what must be equal for earlier chunks to be those of this work.
    """
    name = work.folder / "work.txt"
    if not name.exists() or name.read_text("utf-8") != identity:
        for path in work.folder.iterdir():
            if path.name != "lock":
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        write_text(name, identity)
    shutil.rmtree(work.folder / "spill", ignore_errors=True)
    shutil.rmtree(work.result, ignore_errors=True)


def put_in_place(work: Work) -> None:
    """OUT becomes the result. An older OUT is swapped with it in one step where the system can, else in two."""
    if work.out.exists() and not _swapped(work.result, work.out):
        work.out.rename(work.folder / "replaced")
    if work.result.exists() and not work.out.exists():
        work.result.rename(work.out)
    shutil.rmtree(work.folder)


def _swapped(one: Path, other: Path) -> bool:
    """Whether two folders exchanged their names at once (Linux; not on every file system)."""
    try:
        rename = ctypes.CDLL(None, use_errno=True).renameat2
    except (AttributeError, OSError):
        return False
    return bool(rename(_HERE, os.fsencode(one), _HERE, os.fsencode(other), _EXCHANGE) == 0)


def write_json(path: Path, content: object) -> None:
    write_text(path, json.dumps(content, ensure_ascii=False, indent=1) + "\n")


def write_text(path: Path, content: str) -> None:
    """A file that is there whole or not at all."""
    part = path.with_name(path.name + ".part")
    part.write_text(content, "utf-8")
    part.replace(path)


def link(file: Path, place: Path) -> None:
    """A finished file under a second name, without its bytes where the file system can."""
    try:
        os.link(file, place)
    except OSError:
        shutil.copyfile(file, place)
