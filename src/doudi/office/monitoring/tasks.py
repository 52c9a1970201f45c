from __future__ import annotations

from doudi.engine.words import Fault, Refused
from doudi.office.access import system_scope
from doudi.office.jobs.actions import ChildFailed, task
from doudi.office.jobs.queries import business_clock
from doudi.office.monitoring.actions import run_screening, screening_failed
from doudi.office.monitoring.models import Run


@task("monitoring.screen", attempts=3)
def screen(run_id: str) -> None:
    """Carry out a screening that was asked for; a killed one is taken up where its folder stands."""
    with system_scope("monitoring.screen"):
        run = Run.objects.select_related("edition").get(pk=run_id)
        try:
            run_screening(run=run, at=business_clock().now())
        except Refused as refused:
            screening_failed(run_id, refused.faults)
        except ChildFailed as failed:
            screening_failed(run_id, [Fault("monitoring.child_failed", {"kind": failed.kind})])
            raise  # tried again after a pause; until then the page says what happened
