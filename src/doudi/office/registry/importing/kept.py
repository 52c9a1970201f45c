"""The lines of an uploaded file, kept sealed while the import is checked, accepted, resumed.

A file from outside is parsed once, and only its lines are kept: blocks of sealed JSON under DATA_DIR/imports. Workbooks
are parsed in a child process with limits; what it hands over on the disk is sealed with a key made for that one call,
so that nothing readable of a register ever stands there and the child knows no key of the house.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from doudi.office.access.sealing import open_text, seal_text
from doudi.office.jobs.children import run_in_child
from doudi.office.registry.importing.sheets import Line, read

_BLOCK = 500
_MEMORY = 700 * 2**20
_SECONDS = 600.0


def file_of(batch_id: UUID) -> Path:
    return Path(settings.DATA_DIR) / "imports" / f"{batch_id}.lines"


def keep(batch_id: UUID, path: Path, name: str) -> int:
    """Read a file and keep its lines; returns how many are not empty.

    Raises words.Refused when it is no table we read, ChildFailed when reading it takes too much.
    """
    file_of(batch_id).parent.mkdir(parents=True, exist_ok=True)
    with path.open("rb") as file:
        is_workbook = file.read(4).startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0"))
    if not is_workbook:
        return _write(file_of(batch_id), _blocks(read(path, name)), _sealer(batch_id))
    handed, key = file_of(batch_id).with_suffix(".handed"), AESGCM.generate_key(128)
    args = {"path": str(path), "name": name, "target": str(handed), "key": key.hex()}
    try:
        run_in_child(f"{__name__}:parse", args, memory=_MEMORY, seconds=_SECONDS)
        opener = AESGCM(key)
        blocks = (json.loads(opener.decrypt(b[:12], b[12:], None)) for b in _framed(handed))
        return _write(file_of(batch_id), blocks, _sealer(batch_id))
    finally:
        handed.unlink(missing_ok=True)


def parse(path: str, name: str, target: str, key: str) -> int:
    """What the child does: a workbook becomes blocks of lines under the key of this one call."""
    cipher = AESGCM(bytes.fromhex(key))

    def seal(number: int, text: str) -> bytes:
        nonce = os.urandom(12)
        return nonce + cipher.encrypt(nonce, text.encode(), None)

    return _write(Path(target), _blocks(read(Path(path), name)), seal)


def lines(batch_id: UUID) -> Iterator[Line]:
    """The kept lines in the order of the file."""
    for number, sealed in enumerate(_framed(file_of(batch_id))):
        for sheet, row, cells in json.loads(open_text("registry_batch", f"lines {number}", batch_id, sealed)):
            yield Line(sheet, row, cells)


def forget(batch_id: UUID) -> None:
    file_of(batch_id).unlink(missing_ok=True)


def _sealer(batch_id: UUID) -> Callable[[int, str], bytes]:
    return lambda number, text: seal_text("registry_batch", f"lines {number}", batch_id, text)


def _write(target: Path, blocks: Iterable[list[Line]], seal: Callable[[int, str], bytes]) -> int:
    """Made beside and renamed into place."""
    part = target.with_suffix(target.suffix + ".part")
    rows = 0
    with part.open("wb") as out:
        for number, block in enumerate(blocks):
            sealed = seal(number, json.dumps(block, ensure_ascii=False))
            out.write(len(sealed).to_bytes(4, "big") + sealed)
            rows += len(block)
    part.replace(target)
    return rows


def _framed(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while size := file.read(4):
            yield file.read(int.from_bytes(size, "big"))


def _blocks(found: Iterable[Line]) -> Iterator[list[Line]]:
    block: list[Line] = []
    for line in found:
        block.append(line)
        if len(block) == _BLOCK:
            yield block
            block = []
    if block:
        yield block
