"""The pack in use, as words for pages: what each fact is called, and the labels of roles, programmes and values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from doudi.engine.policy.model import Fact, Pack
from doudi.office.law.queries import NoEdition, edition_for, pack_of
from doudi.office.registry.queries import source_labels


@dataclass(frozen=True, slots=True)
class PageWords:
    """meanings: fact name → its declaration; labels: the pack's; sources: source name → {zh, en}."""

    meanings: Mapping[str, Fact]
    labels: Mapping[str, Any]
    sources: Mapping[str, Mapping[str, str]]


def words_for(area: str, on: date) -> PageWords:
    """Empty words while no edition is in use: pages then show names as they are."""
    pack = pack_or_none(area, on)
    return PageWords(pack.facts if pack else {}, pack.labels if pack else {}, source_labels())


def pack_or_none(area: str, on: date) -> Pack | None:
    try:
        return pack_of(edition_for(area, on))
    except NoEdition:
        return None
