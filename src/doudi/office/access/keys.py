"""The keys of sealed fields, in a file outside the database and outside every backup.

{"current": 1, "seal": {"1": hex}, "index": hex}: new values are sealed with the current key, older keys still open.
The blind indexes have one key of their own, from which each column's is derived.
"""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


@dataclass(frozen=True, slots=True)
class Keys:
    """current: id of the sealing key for new values; seal: id → 16 bytes; index: 32 bytes."""

    current: int
    seal: dict[int, bytes]
    index: bytes


def keys() -> Keys:
    """The office's keys; the demo makes its own at the first use. Raises ImproperlyConfigured."""
    return _read(settings.KEYS_FILE)


@lru_cache(maxsize=4)
def _read(file: Path) -> Keys:
    if not file.exists():
        if not settings.DEMO:
            raise ImproperlyConfigured(f"DOUDI_KEYS: {file} is not there; make it with `doudi manage sealing_keys`")
        make(file)
    if file.stat().st_mode & 0o077:
        raise ImproperlyConfigured(f"DOUDI_KEYS: others may read {file}; run chmod 600 on it")
    try:
        kept = json.loads(file.read_text("ascii"))
        seal = {int(name): bytes.fromhex(value) for name, value in kept["seal"].items()}
        found = Keys(int(kept["current"]), seal, bytes.fromhex(kept["index"]))
        _ = found.seal[found.current]
    except (ValueError, KeyError, AttributeError) as odd:
        raise ImproperlyConfigured(f"DOUDI_KEYS: {file} is damaged; put the kept copy back") from odd
    return found


def make(file: Path) -> None:
    """Write new keys, readable by the owner alone; a file that is there stays as it is, whoever was first."""
    first = {"current": 1, "seal": {"1": secrets.token_hex(16)}, "index": secrets.token_hex(32)}
    file.parent.mkdir(parents=True, exist_ok=True)
    part = _write(file, first)
    try:
        os.link(part, file)
    except FileExistsError:
        pass
    finally:
        part.unlink()


def add(file: Path) -> int:
    """Add a sealing key and make it the current one; values sealed before still open. Returns its id."""
    known = _read(file)
    new = max(known.seal) + 1
    seal = {**known.seal, new: secrets.token_bytes(16)}
    kept = {"current": new, "seal": {str(i): key.hex() for i, key in seal.items()}, "index": known.index.hex()}
    _write(file, kept).replace(file)
    _read.cache_clear()
    return new


def _write(file: Path, content: dict[str, object]) -> Path:
    part = file.with_name(f"{file.name}.{secrets.token_hex(4)}.part")
    with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as out:
        json.dump(content, out)
        out.flush()
        os.fsync(out.fileno())
    return part
