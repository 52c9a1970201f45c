"""Imports in the background, in the scope of whoever asked for them; killed, they go on after their last chunk."""

from __future__ import annotations

from doudi.office.access import current_scope, system_scope
from doudi.office.access.models import User
from doudi.office.access.scopes import reentered
from doudi.office.jobs.actions import task
from doudi.office.jobs.clock import business_clock
from doudi.office.registry import actions
from doudi.office.registry.models import Batch


@task("registry.accept")
def accept(subject_id: str) -> None:
    """Accept a batch that was received; does nothing when it is accepted already."""
    with reentered(_asked_by(subject_id)):
        batch = Batch.objects.get(pk=subject_id)
        if batch.state in (Batch.State.READY, Batch.State.ACCEPTING):
            actions.accept(batch, by=_who(batch), at=business_clock().now())


@task("registry.undo")
def undo(subject_id: str) -> None:
    """Take a batch back; does nothing when it is undone already."""
    with reentered(_asked_by(subject_id)):
        batch = Batch.objects.get(pk=subject_id)
        if batch.state in (Batch.State.ACCEPTED, Batch.State.UNDOING):
            actions.undo(batch, by=_who(batch), at=business_clock().now())


def _who(batch: Batch) -> User | str:
    """The user who asked, or the system job that did."""
    user_id = current_scope().user_id
    return User.objects.get(pk=user_id) if user_id else batch.created_by


def _asked_by(subject_id: str) -> dict[str, str]:
    with system_scope("registry.import"):
        asked: dict[str, str] = Batch.objects.get(pk=subject_id).asked_in
    return asked
