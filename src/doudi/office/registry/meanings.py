"""What the pack in use says of each fact: its type, its rank of sources, whether it is sensitive or listed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from doudi.engine.policy.model import Fact


def meanings_of(area: str, on: date) -> Mapping[str, Fact]:
    """The facts of the edition in use for an area on a day, by name; none while no edition is in use."""
    return {}
