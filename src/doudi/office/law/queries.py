from __future__ import annotations

from datetime import date
from functools import lru_cache

from django.db.models import Q

from doudi.engine import policy
from doudi.engine.policy.model import Pack, Words
from doudi.engine.values import AreaCode, AreaLevel
from doudi.office.access.once import once
from doudi.office.law.models import Activation, PackEdition

LEVELS: tuple[AreaLevel, ...] = ("village", "township", "county", "city", "province")


class NoEdition(Exception):
    """No pack is in use for this area on this day."""

    def __init__(self, area: AreaCode, on: date) -> None:
        self.area, self.on = area, on
        super().__init__(f"no pack is in use for {area} on {on}")


def edition_for(area: AreaCode | str, on: date) -> PackEdition:
    """The edition in use: of the nearest area that has one, the newest `since` not after the day. Raises NoEdition."""
    code = AreaCode(str(area))
    around = {str(code.at(level)) for level in LEVELS}
    found = [a for a in _activations(str(code.at("county")), on) if a.area in around]
    best = max(found, key=lambda a: (len(AreaCode(a.area).prefix), a.since, a.activated_at), default=None)
    if best is None:
        raise NoEdition(code, on)
    return best.edition


@once
def _activations(county: str, on: date) -> tuple[Activation, ...]:
    """Everything in use from a day on in a county, below it and above it: one query for all of a page's areas."""
    code = AreaCode(county)
    above = [str(code.at(level)) for level in LEVELS]
    rows = Activation.objects.filter(Q(area__in=above) | Q(area__gte=code.low, area__lt=code.high), since__lte=on)
    return tuple(rows.select_related("edition").defer("edition__archive"))


def pack_of(edition: PackEdition) -> Pack:
    """The checked pack of an edition, from the stored archive; loaded once per process."""
    return _loaded(edition.hash)


def programme_names(area: AreaCode | str, on: date) -> dict[str, Words]:
    """What the edition in use calls programmes on a day, also those it only names; empty while none is in use."""
    try:
        pack = pack_of(edition_for(area, on))
    except NoEdition:
        return {}
    labels = pack.labels.get("programmes", {})
    only_named = {name: Words(**labels[name]) for name in pack.other_programmes if name in labels}
    return only_named | {name: _name_on(programme.names, on) for name, programme in pack.programmes.items()}


def priority_labels(area: AreaCode | str, on: date) -> dict[str, Words]:
    """What the edition in use calls the parts of a priority; a part without words keeps its name."""
    try:
        programmes = pack_of(edition_for(area, on)).programmes.values()
    except NoEdition:
        return {}
    return {part.name: part.label for p in programmes for part in p.priority if part.label}


def household_programme(area: AreaCode | str, on: date) -> str:
    """The first programme of the edition in use that households get: the one by which every household is counted."""
    try:
        programmes = pack_of(edition_for(area, on)).programmes.values()
    except NoEdition:
        return ""
    return next((p.name for p in programmes if p.subject == "household"), "")


def _name_on(names: tuple[tuple[date | None, Words], ...], on: date) -> Words:
    return [words for since, words in names if since is None or since <= on][-1]


@lru_cache(maxsize=8)
def _loaded(digest: str) -> Pack:
    edition = PackEdition.objects.get(hash=digest)
    pack = policy.load_archive(bytes(edition.archive))
    if pack.hash != digest:
        raise ValueError(f"the stored pack {digest} was changed")
    return pack
