"""How the trail is made tamper-evident: a chain of hashes per county, and a Merkle tree over it.

The chain says that nothing was changed, dropped or moved inside; but whoever owns the database can compute a new one.
Therefore roots of a tree shaped as in RFC 6962 (certificate transparency) are kept outside the database: a log that no
longer fits a root was cut or rewritten. What is hashed is framed by its length: "1" + "11" is not "11" + "1".
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from cryptography.hazmat.primitives.hashes import SM3, Hash

START = "0" * 64
_LEAF, _NODE = b"\x00", b"\x01"
_canonical = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode


def sm3(*parts: bytes) -> bytes:
    """SM3 of the parts, each framed by its length (8 bytes, big-endian)."""
    state = Hash(SM3())
    for part in parts:
        state.update(len(part).to_bytes(8, "big") + part)
    return state.finalize()


def digest_of(body: dict[str, Any]) -> str:
    """Hex digest of an entry's content as canonical JSON (sorted keys, no spaces, UTF-8)."""
    return sm3(_canonical(body).encode()).hex()


def link(previous: str, county: str, seq: int, digest: str) -> str:
    """Hex hash of the entry in place `seq` (from 1) of a county's chain; `previous` is START for the first."""
    return sm3(previous.encode(), county.encode(), str(seq).encode(), digest.encode()).hex()


class Tree:
    """A growing RFC 6962 tree; it keeps only the peaks of its complete subtrees, so it stays small for ever."""

    def __init__(self, size: int = 0, peaks: Iterable[str] = ()) -> None:
        self.size = size
        self._peaks = [bytes.fromhex(peak) for peak in peaks]

    def add(self, link: str) -> None:
        """Append a leaf: the hash of the next place in the chain."""
        grown, size = _plain(_LEAF, link.encode()), self.size
        while size & 1:
            grown = _plain(_NODE, self._peaks.pop(), grown)
            size >>= 1
        self._peaks.append(grown)
        self.size += 1

    @property
    def peaks(self) -> list[str]:
        return [peak.hex() for peak in self._peaks]

    @property
    def root(self) -> str:
        """Hex root over all leaves; of an empty tree the hash of nothing."""
        if not self._peaks:
            return _plain().hex()
        root = self._peaks[-1]
        for peak in reversed(self._peaks[:-1]):
            root = _plain(_NODE, peak, root)
        return root.hex()


def _plain(*parts: bytes) -> bytes:
    """Unframed, as RFC 6962 has it: leaf, node and inputs are of fixed length there."""
    state = Hash(SM3())
    state.update(b"".join(parts))
    return state.finalize()
