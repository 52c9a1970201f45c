"""The same person in several registers: exact and repaired numbers, guarded by name and birth.

Nouns: Repair, Known, Link. Doors: `repairs(number)`, `link(claim, known)`, `name_key()`, `reading()`, `initials()`,
`readings_typed()`, `compare_names()`.
"""

from __future__ import annotations

from doudi.engine.linkage.links import Claim, Known, Link, link
from doudi.engine.linkage.names import compare_names, initials, name_key, reading, readings_typed
from doudi.engine.linkage.numbers import Repair, repairs

__all__ = [
    "Claim",
    "Known",
    "Link",
    "Repair",
    "compare_names",
    "initials",
    "link",
    "name_key",
    "reading",
    "readings_typed",
    "repairs",
]
