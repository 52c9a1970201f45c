"""Install a pack by hash; put an edition into use."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from doudi.engine import policy
from doudi.engine.policy.model import Pack
from doudi.engine.values import AreaCode
from doudi.office.audit.actions import record
from doudi.office.law.models import Activation, PackEdition


class DemoValues(Exception):
    """The edition holds invented values for an area that is to use it."""

    def __init__(self, parameters: list[str]) -> None:
        self.parameters = parameters
        super().__init__(f"values of the demonstration, not law: {', '.join(parameters)}")


def install(path: Path | str, *, by: Any, at: datetime) -> PackEdition:
    """Check a pack and keep it whole. The same pack again returns the edition that is there.

    Raises words.Refused with every fault of the pack.
    """
    pack = policy.load(path)
    if known := PackEdition.objects.filter(hash=pack.hash).first():
        return known
    kept = policy.archive(policy.read_folder(policy.locate(path)))
    with transaction.atomic():
        edition = PackEdition.objects.create(
            hash=pack.hash, pack=pack.id, edition=pack.edition, archive=kept, installed_at=at, installed_by=str(by)
        )
        record("law.installed", edition, by=by, at=at, detail={"hash": pack.hash, "edition": pack.edition})
    return edition


def activate(
    edition: PackEdition, pack: Pack, *, areas: Iterable[AreaCode], since: date, by: Any, at: datetime
) -> list[Activation]:
    """Use an edition in these areas from a day on; twice is harmless.

    Raises DemoValues when a value for one of the areas is invented and this is not the demonstration.
    """
    codes = [str(area) for area in areas]
    if not settings.DEMO and (invented := _demo_values(pack, codes)):
        raise DemoValues(invented)
    with transaction.atomic():
        made = []
        for code in codes:
            activation, created = Activation.objects.get_or_create(
                edition=edition, area=code, since=since, defaults={"activated_at": at, "activated_by": str(by)}
            )
            made.append(activation)
            if created:
                record("law.activated", edition, by=by, at=at, area=code, detail={"since": since.isoformat()})
    return made


def _demo_values(pack: Pack, areas: list[str]) -> list[str]:
    return sorted(
        {
            parameter.name
            for parameter in pack.parameters.values()
            for value in parameter.values
            if value.confidence == "demo" and (not value.area or any(_meets(value.area, area) for area in areas))
        }
    )


def _meets(one: str, other: str) -> bool:
    return AreaCode(one).contains(other) or AreaCode(other).contains(one)
