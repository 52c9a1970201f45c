"""The demo office: a made-up county brought in through its own messy lists, then screened.

Each step looks first whether it was done: a build that was interrupted goes on where it stood, and a finished one is
left alone.
"""

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
from doudi.engine.divisions import find
from doudi.engine.values import AreaCode
from doudi.engine.words import language, say
from doudi.office.access import system_scope
from doudi.office.access.demo import make_demo_accounts
from doudi.office.jobs.queries import business_clock
from doudi.office.law.actions import activate, install
from doudi.office.law.queries import pack_of
from doudi.office.monitoring.actions import ask_for_screening, run_screening
from doudi.office.monitoring.models import Run
from doudi.office.registry.actions import accept, import_batch, load_areas
from doudi.office.registry.models import Batch

COUNTY, OTHER = AreaCode("341503000000"), AreaCode("520502000000")
SINCE = date(2012, 12, 12)
JOB = "demo.build"
Tell = Callable[[str], None]


def is_built() -> bool:
    return _mark().exists()


def build(persons: int, seed: int, tell: Tell) -> None:
    """Build the demonstration, or what is missing of it. tell: hears one line per step, in the reader's language."""
    at = business_clock().now()
    make_demo_accounts()
    with system_scope(JOB):
        edition = install("cn", by=JOB, at=at)
        for county in (COUNTY, OTHER):
            load_areas(county, on=at.date(), by=JOB, at=at)
        activate(edition, pack_of(edition), areas=[COUNTY, OTHER], since=SINCE, by=JOB, at=at)
    for county, size in ((COUNTY, persons), (OTHER, max(persons // 50, 20))):
        lists = _lists(county, size, seed, at)
        _bring_in(county, lists, at, tell)
        if county != COUNTY:
            shutil.rmtree(lists)
    for county in (COUNTY, OTHER):
        _screen(county, at, tell)
    _mark().write_text(at.isoformat(), "ascii")


def _mark() -> Path:
    return Path(settings.DATA_DIR) / "demo-built"


def _described() -> dict[str, Any]:
    described: dict[str, Any] = yaml.safe_load((files("doudi.demo") / "registers.yaml").read_text("utf-8"))
    return {name: register for name, register in described.items() if "file" in register}


def _lists(county: AreaCode, persons: int, seed: int, at: datetime) -> Path:
    """The registers of one county; those of the demo county stay in DATA_DIR/registers, the only clear text that does.

    An office is sent no empty lists.
    """
    home = Path(settings.DATA_DIR)
    folder = home / "registers" if county == COUNTY else home / "registers-other"
    if not folder.exists():
        snapshot, part = home / "demo-snapshot", folder.with_name(f"{folder.name}.part")
        for left in (snapshot, part):
            shutil.rmtree(left, ignore_errors=True)
        synth(snapshot, persons=persons, seed=seed, as_of=at.date(), division=str(county))
        written = write_registers(snapshot, part, seed=seed, as_of=at.date())
        for name, register in _described().items():
            if not written[name]:
                (part / register["file"]).unlink()
        shutil.rmtree(snapshot)
        part.rename(folder)
    return folder


def _bring_in(county: AreaCode, lists: Path, at: datetime, tell: Tell) -> None:
    for name, register in _described().items():
        file = lists / register["file"]
        if not file.exists():
            continue
        kind = name if name in ("person", "household") else f"register:{name}"
        with system_scope(JOB):
            batch = Batch.objects.filter(kind=kind, area_code=str(county), created_by=JOB).first()
            if batch is None:
                batch = import_batch(kind, file, area=county, observed_on=at.date(), by=JOB, at=at)
            if batch.state != Batch.State.ACCEPTED:
                batch = accept(batch, by=JOB, at=at)
        tell(say("demo.register", title=_title(batch), rows=batch.rows, counts=_counts(batch)))


def _title(batch: Batch) -> str:
    return str(batch.source.label_en if language() == "en" else batch.source.label_zh)


def _counts(batch: Batch) -> str:
    states = ("new", "changed", "same", "doubtful", "refused", "ignored")
    return say("demo.comma").join(say(f"demo.{s}", n=batch.counts[s]) for s in states if batch.counts.get(s))


def _screen(county: AreaCode, at: datetime, tell: Tell) -> None:
    with system_scope(JOB):
        run = Run.objects.filter(area_code=str(county), asked_by=JOB).select_related("edition").first()
        run = run_screening(run=run or ask_for_screening(area=county, by=JOB, at=at), at=at)
        area = find(str(county), run.as_of)
        assert area
        tell(say("demo.screened", area=area.name, n=run.n_households, findings=run.findings.count()))
