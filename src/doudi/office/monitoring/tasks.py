from __future__ import annotations

from doudi.engine.words import Fault, Refused
from doudi.office.access import system_scope
from doudi.office.jobs.actions import ChildFailed, task
from doudi.office.jobs.queries import business_clock
from doudi.office.monitoring.actions import run_screening, screening_failed
from doudi.office.monitoring.turns import next_run


@task("monitoring.screen", attempts=3)
def screen(area: str) -> None:
    """Carry out the newest screening that was asked for an area; a killed one is taken up where its folder stands.

    The job is the area's, so that two screenings of it never run side by side.
    """
    with system_scope("monitoring.screen"):
        run = next_run(area)
        if run is None:
            return
        try:
            run_screening(run=run, at=business_clock().now())
        except Refused as refused:
            screening_failed(run.pk, refused.faults)
        except ChildFailed as failed:
            screening_failed(run.pk, [Fault("monitoring.child_failed", {"kind": failed.kind})])
            raise  # tried again after a pause; until then the page says what happened
