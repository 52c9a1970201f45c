from __future__ import annotations

from datetime import UTC, datetime, timedelta

from doudi.office.jobs.actions import forget_done, task

_KEPT = timedelta(days=90)


@task("jobs.tidy", every=timedelta(hours=6))
def tidy(subject_id: str) -> None:
    """Rows of finished work go after 90 days; failed ones stay until somebody has looked."""
    forget_done(before=datetime.now(UTC) - _KEPT)
