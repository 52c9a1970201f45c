"""Searches everything an office leaves on a disk for numbers that must not be readable there.

Looks at each byte of each file (database, write-ahead log, logs, caches, dumps) as plain text, as UTF-16, inside hex
and base64, and inside gzip and zip parts (XLSX), so that no other encoding of a number passes as sealed.
"""

from __future__ import annotations

import base64
import binascii
import gzip
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

_SHORTEST = 8
_DIGITS = re.compile(rb"[0-9]{7,}[0-9Xx]")
_UTF16 = re.compile(rb"(?:[0-9Xx]\x00){6,}")
_HEX = re.compile(rb"(?:3[0-9]|[57]8){6,}", re.IGNORECASE)
# Three digits begin with M, N or O in base64; any 8 digits hold two such groups, and parts of the ones beside them.
_BASE64 = re.compile(rb"[MNO](?=[\w+/-]{3}[MNO][\w+/-]{3})")
_BASE64_GROUP = re.compile(rb"[\w+/-]{4}")
_BASE64_REST = re.compile(rb"[\w+/-]{,64}")


@dataclass(frozen=True, slots=True)
class Leak:
    """A known number found in a file, and how it was written there."""

    file: Path
    how: str
    number: str


def find_clear(folder: Path, numbers: Iterable[str], *, except_in: Iterable[Path] = ()) -> list[Leak]:
    """Every known number (identity, account, telephone; at least 8 characters) readable in a file under `folder`.

    except_in: folders where clear text is meant to be (the demo's registers).
    """
    known = {number.upper().encode() for number in numbers}
    assert known and min(map(len, known)) >= _SHORTEST, f"give numbers of at least {_SHORTEST} characters"
    skipped = [path.resolve() for path in except_in]
    files = [f for f in sorted(folder.rglob("*")) if f.is_file() and not any(map(f.resolve().is_relative_to, skipped))]
    return [
        Leak(file, how, number.decode()) for file in files for how, number in sorted(_search(file.read_bytes(), known))
    ]


def _search(data: bytes, known: set[bytes]) -> set[tuple[str, bytes]]:
    return {(how, number) for how, text in _readings(data) for number in _in_runs(text, known)}


def _in_runs(text: bytes, known: set[bytes]) -> Iterator[bytes]:
    lengths = sorted({len(number) for number in known})
    for run in _DIGITS.finditer(text):
        digits = run[0].upper()
        for length in lengths:
            for start in range(len(digits) - length + 1):
                if (part := digits[start : start + length]) in known:
                    yield part


def _readings(data: bytes) -> Iterator[tuple[str, bytes]]:
    """The bytes as they are and every way they can be read."""
    yield "text", data
    yield "utf-16", b" ".join(run[0][::2] for run in _UTF16.finditer(data))
    yield "hex", b" ".join(binascii.unhexlify(run[0]) for run in _HEX.finditer(data) if len(run[0]) % 2 == 0)
    yield "base64", b" ".join(_from_base64(data))
    for part in _unpacked(data):
        for how, text in _readings(part):
            yield f"packed {how}", text


def _from_base64(data: bytes) -> Iterator[bytes]:
    for found in _BASE64.finditer(data):
        before = _BASE64_GROUP.match(data, found.start() - 4) if found.start() >= 4 else None
        rest = _BASE64_REST.match(data, found.start())
        text = ((before[0] if before else b"") + (rest[0] if rest else b"")).replace(b"-", b"+").replace(b"_", b"/")
        text = text[:-1] if len(text) % 4 == 1 else text
        yield base64.b64decode(text + b"=" * (-len(text) % 4))


def _unpacked(data: bytes) -> Iterator[bytes]:
    if data.startswith(b"\x1f\x8b"):
        try:
            yield gzip.decompress(data)
        except (OSError, EOFError, zlib.error):
            return
    elif data.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(BytesIO(data)) as parts:
            for name in parts.namelist():
                yield parts.read(name)
