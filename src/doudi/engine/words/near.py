"""What somebody may have meant by a name that is none: a sentence of its own, with a blank behind it, or nothing."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from doudi.engine.words import Said

_FEW = 8


def hint(name: str, known: Iterable[str]) -> Said | str:
    """All that it can be where these are few, else the names most like it."""
    names = list(known)
    return Said("near.can_be", {"names": ", ".join(names)}) if 0 < len(names) <= _FEW else nearest(name, names)


def nearest(name: str, known: Iterable[str], n: int = 2) -> Said | str:
    """The names most like it, for a message that lists all by itself."""
    alike = sorted(known, key=lambda other: (abs(len(other) - len(name)), other[:1] != name[:1]))
    alike = alike[:150]  # comparing is slow: not with thousands
    found = get_close_matches(name[:60], alike, n=n, cutoff=0.6)
    return Said("near.did_you_mean", {"names": ", ".join(found)}) if found else ""
