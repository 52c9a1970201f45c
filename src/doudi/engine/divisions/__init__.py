"""The divisions of China to the village: codes, names, validity, successors; nationwide, without a network.

Nouns: Area. Doors: `find(code, on)`, `exists(code, on)`, `children(code)`, `search(query, on)`.
The list is the statistical one of 2020-06-30 with the county changes between the yearly lists of 2019 to 2023.
"""

from __future__ import annotations

from doudi.engine.divisions.areas import Area, children, exists, find, levels_of
from doudi.engine.divisions.names import search

__all__ = ["Area", "children", "exists", "find", "levels_of", "search"]
