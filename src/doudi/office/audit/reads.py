"""Lines about who looked at whom, kept in files until the sealer brings them into the trail, a few seconds later.

Opening a household must leave a line, but not make every page view wait for the database's one writer. A line is in a
file of the data folder before the page is answered, and survives the death of the process; a power cut may lose the
last seconds. (A reveal of a number is different: its entry is committed before the answer.)
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import transaction

from doudi.office.audit.models import Entry

_BATCH = 200


def _folder() -> Path:
    return Path(settings.DATA_DIR) / "seen"


def keep_line(entry: Entry) -> None:
    """Append an entry to this process's file. Raises OSError when the disk does not take it."""
    folder = _folder()
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{os.getpid()}.jsonl"
    line = (json.dumps(entry.body(), ensure_ascii=False) + "\n").encode()
    while True:
        descriptor = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            if _is_still(file, descriptor):
                os.write(descriptor, line)
                return
        finally:
            os.close(descriptor)


def flush_seen() -> list[UUID]:
    """Write the kept lines into the trail and return their entries' ids; safe to repeat after any interruption."""
    folder, added = _folder(), list[UUID]()
    if not folder.exists():
        return []
    for file in sorted(folder.glob("*.jsonl")):
        file.rename(file.with_suffix(f".{os.urandom(4).hex()}.taken"))  # writers start a new file from here on
    for taken in sorted(folder.glob("*.taken")):
        with taken.open("rb") as lines:
            fcntl.flock(lines, fcntl.LOCK_EX)  # the last writer that still had it open is done
            for batch in _batches(lines):
                added += _add(batch)
        taken.unlink()
    return added


@transaction.atomic
def _add(entries: dict[UUID, Entry]) -> list[UUID]:
    known = set(Entry.objects.filter(id__in=entries).values_list("id", flat=True))
    new = [key for key in entries if key not in known]
    Entry.objects.bulk_create([entries[key] for key in new])
    return new


def _batches(lines: Iterator[bytes]) -> Iterator[dict[UUID, Entry]]:
    batch: dict[UUID, Entry] = {}
    for line in lines:
        if not line.endswith(b"\n"):
            continue  # cut by a full disk: the page that wrote it was not answered
        entry = _entry(json.loads(line))
        batch[entry.id] = entry
        if len(batch) == _BATCH:
            yield batch
            batch = {}
    if batch:
        yield batch


def _entry(body: dict[str, object]) -> Entry:
    fields = {field.name: field.to_python(body[field.name]) for field in Entry._meta.concrete_fields}
    return Entry(**fields)


def _is_still(file: Path, descriptor: int) -> bool:
    try:
        return os.stat(file).st_ino == os.fstat(descriptor).st_ino
    except FileNotFoundError:
        return False
