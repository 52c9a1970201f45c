"""Ask for a screening, carry it out, close a clue."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.timezone import localdate

from doudi.engine.values import AreaCode
from doudi.engine.words import Fault
from doudi.office.access.actions import require
from doudi.office.audit.actions import record
from doudi.office.audit.personal import masked_words
from doudi.office.jobs.actions import later, progress, run_in_child
from doudi.office.jobs.failpoints import failpoint
from doudi.office.law.queries import edition_for, pack_of
from doudi.office.monitoring import filing, output, turns
from doudi.office.monitoring.models import Finding, Run
from doudi.office.monitoring.snapshot import write_snapshot

MEMORY = 768 << 20
CHILD_BYTES = 2 << 30
CHILD_SECONDS = 3600.0


class NotOpen(Exception):
    """The clue was closed before with another reason, or the last screening no longer found it."""

    def __init__(self, finding: Finding) -> None:
        self.finding = finding
        super().__init__(f"{finding.pk} is {finding.state}")


def ask_for_screening(*, area: AreaCode, by: Any, at: datetime) -> Run:
    """Queue a screening of an area by the edition in use on the local day of `at`.

    One that still waits is returned, unless it is of another day or edition; then it gives way. Behind one that runs,
    and may have read the registers before this moment, exactly one waits.
    Raises OutOfScope, NotAllowed, NoEdition.
    """
    require(by, "monitoring.screen", area=area)
    on = localdate(at)
    edition = edition_for(area, on)
    with transaction.atomic():
        later(turns.TASK, str(area))
        waiting = _waiting(area)
        if waiting and (waiting.as_of, waiting.edition_id) == (on, edition.pk):
            return waiting
        if waiting:
            turns.give_way([waiting], by=by, at=at)
        try:
            with transaction.atomic():
                run = Run.objects.create(area_code=str(area), as_of=on, edition=edition, asked_at=at, asked_by=str(by))
        except IntegrityError:  # somebody else asked in this moment
            return Run.objects.get(area_code=str(area), state=Run.State.QUEUED)
        record("monitoring.asked_for_screening", run, by=by, at=at, detail={"edition": edition.edition})
    return run


def _waiting(area: AreaCode) -> Run | None:
    return Run.objects.select_for_update().filter(area_code=str(area), state=Run.State.QUEUED).first()


def run_screening(*, run: Run, at: datetime) -> Run:
    """Assemble the snapshot, screen it in a child process, file what it found. Killed anywhere, it may run again.

    A run that a newer one of the area has overtaken files nothing and comes back as superseded.
    at: business instant of the filing.
    """
    if not turns.begin(run, at=at):
        return run
    try:
        return _file(run, _screened(run), AreaCode(run.area_code), at)
    except turns.TurnLost:
        return Run.objects.get(pk=run.pk)


def _screened(run: Run) -> Path:
    """The folder of the output; what an earlier attempt left complete is taken up."""
    folder = turns.folder_of(run)
    out, area = folder / "out", AreaCode(run.area_code)
    if not (out / "summary.json").exists():
        shutil.rmtree(folder / "snapshot", ignore_errors=True)
        pack = pack_of(run.edition)
        run.n_households, run.n_persons = write_snapshot(folder / "snapshot", area, run.as_of, pack)
        (folder / "pack.tar").write_bytes(bytes(run.edition.archive))
        run.summary = run_in_child(
            "doudi.office.monitoring.child:screen",
            {
                "pack": str(folder / "pack.tar"),
                "folder": str(folder / "snapshot"),
                "out": str(out),
                "as_of": run.as_of.isoformat(),
                "memory": MEMORY,
            },
            memory=CHILD_BYTES,
            seconds=CHILD_SECONDS,
        )
        run.save(update_fields=["n_households", "n_persons", "summary"])
    failpoint("monitoring.screened")
    return out


def _file(run: Run, out: Path, area: AreaCode, at: datetime) -> Run:
    new = n = 0
    for chunk in output.clues(out):
        with transaction.atomic():
            turns.hold(run)
            new += filing.file_clues(run, chunk)
        n += len(chunk)
        failpoint("monitoring.filing")
        progress(run.n_households, run.n_households)  # all are screened; what is left is filing
    subjects = {name: p.subject for name, p in pack_of(run.edition).programmes.items()}
    filing.file_states(run, output.state_counts(out, subjects))
    with transaction.atomic():
        turns.hold(run)
        gone = filing.let_vanish(run, area.low, area.high)
        run.state, run.finished_at = Run.State.DONE, at
        run.save(update_fields=["state", "finished_at"])
        record(
            "monitoring.screened",
            run,
            by="monitoring.screen",
            at=at,
            detail={"findings": n, "new": new, "gone": gone, "households": run.n_households},
        )
    shutil.rmtree(out.parent / "snapshot", ignore_errors=True)
    return run


@transaction.atomic
def settle_finding(*, finding: Finding, reason: str, by: Any, at: datetime) -> Finding:
    """Close a clue with what was found out (销号). The same words again change nothing; numbers in them are starred.

    Raises OutOfScope, NotAllowed, NotOpen.
    """
    require(by, "monitoring.settle", area=finding.area_code)
    reason = masked_words(reason)
    locked: Finding = Finding.objects.select_for_update().get(pk=finding.pk)
    if locked.state == Finding.State.CLOSED and locked.settled_reason == reason:
        return locked
    if locked.state not in filing.OPEN:
        raise NotOpen(locked)
    locked.state, locked.settled_at, locked.settled_by, locked.settled_reason = (
        Finding.State.CLOSED,
        at,
        str(by),
        reason,
    )
    locked.save(update_fields=["state", "settled_at", "settled_by", "settled_reason"])
    record("monitoring.settled", locked, by=by, at=at, reason=reason, detail={"kind": locked.kind})
    return locked


def screening_failed(run_id: UUID | str, faults: Sequence[Fault]) -> None:
    """Keep why a screening ended without an answer, as faults that are told in the reader's language."""
    told = json.dumps([asdict(fault) for fault in faults], ensure_ascii=False, default=str)
    Run.objects.filter(pk=run_id).exclude(state__in=turns.ENDED).update(state=Run.State.FAILED, fault=told)
