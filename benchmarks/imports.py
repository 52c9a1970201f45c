"""Rows a second into an empty registry, sealed and checked; run by `bench.py` in a process of its own.

Arguments: a folder for the office's data, and how many people. Prints one JSON object.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from pathlib import Path


def main(folder: Path, persons: int) -> None:
    os.environ.update(DOUDI_DEMO="1", DOUDI_DATA_DIR=str(folder / "data"))
    from doudi.cli._office import open_office

    open_office()
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False, database="system")
    from doudi.demo.office import COUNTY, JOB, SINCE
    from doudi.demo.registers import write_registers
    from doudi.demo.synth import synth
    from doudi.office.access import system_scope
    from doudi.office.jobs.queries import business_clock
    from doudi.office.law.actions import activate, install
    from doudi.office.law.queries import pack_of
    from doudi.office.registry.actions import accept, import_batch, load_areas

    at = business_clock().now()
    made, lists = folder / "snapshot", folder / "lists"
    synth(made, persons=persons, seed=1, as_of=at.date(), division=str(COUNTY))
    write_registers(made, lists, seed=1, as_of=at.date())
    with system_scope(JOB):
        edition = install("cn", by=JOB, at=at)
        load_areas(COUNTY, on=at.date(), by=JOB, at=at)
        activate(edition, pack_of(edition), areas=[COUNTY], since=SINCE, by=JOB, at=at)
        started = time.perf_counter()
        kind, path = "register:police_household_register", lists / "police_household_register.csv"
        batch = import_batch(kind, path, area=COUNTY, observed_on=at.date(), by=JOB, at=at)
        read = time.perf_counter()
        accept(batch, by=JOB, at=at)
        done = time.perf_counter()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    figures = {"rows": batch.rows, "rows_per_second": round(batch.rows / (done - started)),
               "read_seconds": round(read - started, 2), "accept_seconds": round(done - read, 2),
               "memory_gb": round(memory, 2)}  # fmt: skip
    sys.stdout.write(json.dumps(figures) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
