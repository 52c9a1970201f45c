"""What the pack in use says of each fact: its type, its rank of sources, whether it is sensitive or listed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from doudi.engine.policy.model import Fact, Pack
from doudi.office.law.queries import NoEdition, edition_for, pack_of


def pack_for(area: str, on: date) -> Pack:
    """The pack in use for an area on a day. Raises NoEdition."""
    return pack_of(edition_for(area, on))


def meanings_of(area: str, on: date) -> Mapping[str, Fact]:
    """The facts of the pack in use for an area on a day, by name; none where no edition is in use."""
    try:
        return pack_for(area, on).facts
    except NoEdition:
        return {}
