"""The demo office: a made-up county brought in through its own messy lists, then screened."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings

from doudi.demo.registers import write_registers
from doudi.demo.synth import synth
from doudi.engine.values import AreaCode
from doudi.office.access import system_scope
from doudi.office.access.demo import make_demo_accounts
from doudi.office.jobs.queries import business_clock
from doudi.office.law.actions import activate, install
from doudi.office.law.queries import pack_of
from doudi.office.monitoring.actions import ask_for_screening, run_screening
from doudi.office.registry.actions import accept, import_batch, load_areas

COUNTY, OTHER = AreaCode("341503000000"), AreaCode("520502000000")
SINCE = date(2012, 12, 12)
JOB = "demo.build"
Tell = Callable[[str], None]


def is_built() -> bool:
    return _mark().exists()


def build(persons: int, seed: int, tell: Tell) -> None:
    """Build the demonstration once; a build that was interrupted starts again where its lists stand.

    tell: hears one line per step.
    """
    at = business_clock().now()
    make_demo_accounts()
    with system_scope(JOB):
        edition = install("cn", by=JOB, at=at)
        for county in (COUNTY, OTHER):
            load_areas(county, on=at.date(), by=JOB, at=at)
        activate(edition, pack_of(edition), areas=[COUNTY, OTHER], since=SINCE, by=JOB, at=at)
    for county, size in ((COUNTY, persons), (OTHER, max(persons // 50, 100))):
        lists = _lists(county, size, seed, at)
        _bring_in(county, lists, at, tell)
    for county in (COUNTY, OTHER):
        with system_scope(JOB):
            run = ask_for_screening(area=county, by=JOB, at=at)
            run = run_screening(run=run, at=at)
            tell(f"{county}：比对 {run.n_households} 户，{run.findings.count()} 条线索")
    _mark().write_text(at.isoformat(), "ascii")


def _mark() -> Path:
    return Path(settings.DATA_DIR) / "demo-built"


def _lists(county: AreaCode, persons: int, seed: int, at: datetime) -> Path:
    """The registers of one county; those of the demo county stay in DATA_DIR/registers, the only clear text."""
    home = Path(settings.DATA_DIR)
    folder = home / "registers" if county == COUNTY else home / "registers-other"
    if not folder.exists():
        snapshot, part = home / "demo-snapshot", folder.with_name(f"{folder.name}.part")
        for left in (snapshot, part):
            shutil.rmtree(left, ignore_errors=True)
        synth(snapshot, persons=persons, seed=seed, as_of=at.date(), division=str(county))
        write_registers(snapshot, part, seed=seed, as_of=at.date())
        shutil.rmtree(snapshot)
        part.rename(folder)
    return folder


def _bring_in(county: AreaCode, lists: Path, at: datetime, tell: Tell) -> None:
    described: dict[str, Any] = yaml.safe_load((files("doudi.demo") / "registers.yaml").read_text("utf-8"))
    for name, register in described.items():
        file = lists / register["file"] if "file" in register else None
        if file is None or not file.exists():
            continue
        kind = name if name in ("person", "household") else f"register:{name}"
        with system_scope(JOB):
            batch = import_batch(kind, file, area=county, observed_on=at.date(), by=JOB, at=at)
            batch = accept(batch, by=JOB, at=at)
        counts = "，".join(f"{state} {n}" for state, n in batch.counts.items() if n)
        tell(f"{register['title']}：{batch.rows} 行（{counts}）")
