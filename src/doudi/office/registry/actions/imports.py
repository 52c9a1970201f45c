"""Bring a register in: upload → check → accept, in chunks with a resume mark → undo.

Accepted means that every line that could go in is in; doubtful ones wait for a person. Each chunk is read and planned
before its transaction, which only writes; it has one entry of the trail. A killed import goes on after its last chunk.
"""

from __future__ import annotations

import gc
import hashlib
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from django.db import transaction

from doudi.engine.policy.model import Pack
from doudi.engine.values import SHANGHAI, AreaCode
from doudi.engine.words import Fault, Refused
from doudi.office.access import current_scope
from doudi.office.access.actions import require
from doudi.office.audit.actions import record
from doudi.office.jobs.failpoints import failpoint
from doudi.office.jobs.progress import progress
from doudi.office.registry.importing import kept
from doudi.office.registry.importing.flow import layouts, records
from doudi.office.registry.importing.matching import Matcher
from doudi.office.registry.importing.places import Places
from doudi.office.registry.importing.reads import Reads
from doudi.office.registry.importing.records import Record
from doudi.office.registry.importing.registers import Register, registers_of, words_of
from doudi.office.registry.importing.store import Chunk, Setting, digest
from doudi.office.registry.meanings import pack_for
from doudi.office.registry.models import Batch, Source
from doudi.office.registry.saying import source_kinds

STATES = ("new", "changed", "same", "doubtful", "refused", "ignored")


@dataclass
class Pace:
    """How many lines one transaction takes: as many as keep the write lock short, on a busy machine fewer.

    SQLite has one writer, and every clerk waits for it; 200 ms is the limit of the house.
    """

    lines: int = 250
    least: int = 50
    most: int = 500
    aim_seconds: float = 0.1

    def took(self, seconds: float) -> None:
        share = min(1.25, max(0.5, self.aim_seconds / max(seconds, 0.001)))
        self.lines = min(self.most, max(self.least, int(self.lines * share)))


class NotInState(Exception):
    """The batch is not where this act needs it."""

    def __init__(self, batch: Batch, wanted: str) -> None:
        self.batch, self.wanted = batch, wanted
        super().__init__(f"{batch.pk} is {batch.state}, not {wanted}")


def import_batch(
    kind: str,
    path: Path,
    *,
    area: AreaCode,
    observed_on: date,
    by: Any,
    at: datetime,
    file_name: str = "",
    period: str = "",
    mapping: Mapping[str, str] | None = None,
) -> Batch:
    """Take a file in and understand it; nothing of it is in the registry yet.

    kind: `person`, `household`, `register:NAME`, or a kind of a room above. area: where its people are looked after.
    observed_on: the day its rows are true of, where they don't say themselves. mapping: header → meaning, as a person
    chose. The state is then `ready`, or `asking` when no head was recognised, or `refused`; the same file again gets a
    batch of its own that `repeats` the first and will change nothing.
    by: the user of the scope, or the name of the running system job.
    Raises words.Refused with every fault when the file or the kind is not one we read; NotAllowed, OutOfScope.
    """
    register = _register(kind, _pack(area.code, at))
    require(by, "registry.import", area=area)
    digest_ = hashlib.sha256(path.read_bytes()).hexdigest()
    earlier = _earlier(kind, area, digest_)
    batch = Batch(
        area_code=area.code,
        kind=kind,
        source=_source(register),
        file_name=file_name or path.name,
        sha256=digest_,
        observed_on=earlier.observed_on if earlier else observed_on,
        period=period,
        mapping=dict(mapping or {}),
        created_at=at,
        created_by=str(by),
        asked_in=current_scope().to_json(),
        repeats=earlier,
    )
    batch.rows = kept.keep(batch.pk, path, batch.file_name)
    heads = layouts(kept.lines(batch.pk), register, batch.mapping)
    batch.state = Batch.State.READY if any(heads.values()) else Batch.State.ASKING
    with transaction.atomic():
        batch.save(force_insert=True)
        detail = {"kind": kind, "rows": batch.rows, "sha256": digest_, "repeats": str(batch.repeats_id or "")}
        record("registry.file_received", batch, by=by, at=at, area=area, detail=detail)
    return batch


def check(batch: Batch, *, by: Any, at: datetime) -> dict[str, int]:
    """What accepting would do, in counts; writes nothing. `changed` counts everybody who is known already."""
    states: Counter[str] = Counter()
    names = {"known": "changed"}
    setting = _setting(batch, by, at)
    matcher = _matcher(setting)
    for lines in _chunks(setting, Pace()):
        states.update(names.get(m.state, m.state) for m in matcher.match(lines.records, Reads()))
        states["ignored"] += lines.ignored
    return {state: states[state] for state in STATES}


def accept(batch: Batch, *, by: Any, at: datetime) -> Batch:
    """Put every line in that can go in; go on after the mark when it was interrupted. Twice is harmless.

    Raises NotInState when the file is not understood yet, or undone; NotAllowed, OutOfScope.
    """
    require(by, "registry.import", area=batch.area_code)
    _move(batch, (Batch.State.READY, Batch.State.ACCEPTING), Batch.State.ACCEPTING, by, at)
    setting, pace = _setting(batch, by, at), Pace()
    matcher = _matcher(setting)
    for lines in _chunks(setting, pace, batch.mark):
        with _uncollected():
            while not _accepted(lines, setting, matcher, pace):
                pass  # somebody changed what the chunk had read: it is matched and planned anew
        failpoint("registry.chunk_accepted")
        progress(batch.mark, batch.rows)
    with transaction.atomic():
        batch.state, batch.accepted_at = Batch.State.ACCEPTED, at
        batch.save(update_fields=["state", "accepted_at"])
        record("registry.file_accepted", batch, by=by, at=at, detail={"counts": batch.counts, "rows": batch.rows})
    kept.forget(batch.pk)
    return batch


@contextmanager
def _uncollected() -> Iterator[None]:
    """A chunk makes many objects and no cycles: looking for cycles in it cost a fifth of an import's time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@dataclass(frozen=True, slots=True)
class Lines:
    """A stretch of the file: what was read, and how many of its lines are no data."""

    records: list[Record]
    ignored: int


def _accepted(lines: Lines, setting: Setting, matcher: Matcher, pace: Pace) -> bool:
    """Store one chunk; False when somebody had changed what it read, and nothing is stored."""
    reads = Reads()
    matcher.pending.clear()  # whoever was new before is in the registry by now, or this is a second try
    matches = matcher.match(lines.records, reads)
    chunk, summed = Chunk(setting, matches, reads).plan(), digest(matches)
    with transaction.atomic():
        began = time.monotonic()  # from here we hold the lock; waiting for it says nothing of the chunk
        if not reads.still_hold():
            return False
        states = chunk.write()
        states["ignored"] += lines.ignored
        failpoint("registry.chunk_written")
        _mark(setting, states, summed, n_repaired=sum(m.tier == "repaired" for m in matches))
    pace.took(time.monotonic() - began)
    return True


def _mark(setting: Setting, states: Counter[str], summed: str, n_repaired: int) -> None:
    """Move the resume mark behind a chunk, guarded: whoever lost the batch to another worker writes nothing."""
    batch, first = setting.batch, setting.batch.mark
    mark, total = first + states.total(), {state: batch.counts.get(state, 0) + states[state] for state in STATES}
    mine = Batch.objects.filter(pk=batch.pk, state=Batch.State.ACCEPTING, mark=first)
    if not mine.update(mark=mark, counts=total):
        raise NotInState(batch, f"{Batch.State.ACCEPTING} after line {first}")
    batch.mark, batch.counts = mark, total
    detail = {"from": first + 1, "to": mark, "digest": summed, "counts": dict(states), "repaired": n_repaired}
    record("registry.rows_accepted", batch, by=setting.by, at=setting.at, detail=detail)


def _matcher(setting: Setting) -> Matcher:
    batch = setting.batch
    return Matcher(setting.county, Places(AreaCode(batch.area_code), batch.observed_on), setting.register)


def _chunks(setting: Setting, pace: Pace, skip: int = 0) -> Iterator[Lines]:
    """The file in stretches, after the first `skip` lines.

    Those are read again without being used: a merged cell there may speak for a line here.
    """
    batch = setting.batch
    words = words_of(_pack(batch.area_code, batch.created_at))
    source = records(kept.lines(batch.pk), setting.register, words, setting.meanings, batch.mapping, setting.today)
    chunk: list[Record] = []
    n = 0
    for _, row in islice(source, skip, None):
        n += 1
        if row:
            chunk.append(row)
        if n >= pace.lines:
            yield Lines(chunk, n - len(chunk))
            chunk, n = [], 0
    if n:
        yield Lines(chunk, n - len(chunk))


def _move(batch: Batch, allowed: tuple[str, ...], state: str, by: Any, at: datetime) -> None:
    with transaction.atomic():
        batch.refresh_from_db()
        if batch.state not in allowed:
            raise NotInState(batch, " or ".join(allowed))
        batch.state = state
        batch.save(update_fields=["state"])


def _setting(batch: Batch, by: Any, at: datetime) -> Setting:
    pack = _pack(batch.area_code, batch.created_at)
    return Setting(batch, _register(batch.kind, pack), pack.facts, source_kinds(), by, at)


def _pack(area: str, at: datetime) -> Pack:
    """The pack in use on the day the file came in; its registers say what the columns mean."""
    return pack_for(area, at.astimezone(SHANGHAI).date())


def _register(kind: str, pack: Pack) -> Register:
    known = registers_of(pack)
    if (found := known.get(kind.removeprefix("register:"))) is None:
        raise Refused(Fault("import.unknown_kind", {"kind": kind[:60], "known": "、".join(sorted(known))}))
    return found


def _source(register: Register) -> Source:
    made, _ = Source.objects.get_or_create(
        name=register.name,
        defaults={
            "kind": register.kind,
            "label_zh": register.label_zh,
            "label_en": register.label_en,
            "owner": register.owner,
        },
    )
    return made


def _earlier(kind: str, area: AreaCode, sha256: str) -> Batch | None:
    same = Batch.objects.filter(kind=kind, area_code=area.code, sha256=sha256, state=Batch.State.ACCEPTED)
    found: Batch | None = same.order_by("created_at").first()
    return found
