"""The pack in use, as words for pages: what each fact is called, and the labels of roles, programmes and values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from doudi.engine.policy.model import Fact
from doudi.office.registry.meanings import meanings_of
from doudi.office.registry.queries import source_labels


@dataclass(frozen=True, slots=True)
class PageWords:
    """meanings: fact name → its declaration; labels: the pack's; sources: source name → {zh, en}."""

    meanings: Mapping[str, Fact]
    labels: Mapping[str, Any]
    sources: Mapping[str, Mapping[str, str]]


def words_for(area: str, on: date) -> PageWords:
    return PageWords(meanings_of(area, on), {}, source_labels())
