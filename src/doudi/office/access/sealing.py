"""Sealed values: numbers, accounts, phones and illnesses are unreadable in the database, its files and its backups.

A value is bound to its table, column and row: moved elsewhere it does not open. For finding a value there is a blind
index, a keyed digest of the normalised text, with a key per column; nothing sorts or searches by beginning.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Any
from uuid import UUID

from doudi.office.access.crypto import Altered, provider
from doudi.office.access.keys import keys
from doudi.office.audit.personal import starred

__all__ = ["Altered", "blind_index", "last_four_index", "masked", "normalised", "open_text", "seal_text"]

_VERSION = b"\x01"
_HEAD = 3  # version, key id
INDEX_BYTES = 16


def seal_text(table: str, column: str, row: UUID, text: str) -> bytes:
    """version (1 byte) | key id (2) | nonce (12) | text | tag (16), bound to table, column and row."""
    known = keys()
    head = _VERSION + known.current.to_bytes(2, "big")
    return head + provider().encrypt(known.seal[known.current], text.encode(), _place(head, table, column, row))


def open_text(table: str, column: str, row: UUID, sealed: bytes | memoryview) -> str:
    """The text. Raises Altered when a byte differs, the place is another one or the key is not known."""
    sealed = bytes(sealed)
    head = sealed[:_HEAD]
    key = keys().seal.get(int.from_bytes(head[1:], "big"))
    if head[:1] != _VERSION or key is None:
        raise Altered("another version, or a key this office does not hold")
    return provider().decrypt(key, sealed[_HEAD:], _place(head, table, column, row)).decode()


def blind_index(column: str, text: str) -> bytes:
    """16 bytes by which an equal value is found. column: `table.column`; each has a key of its own."""
    return provider().mac(_index_key(keys().index, column), normalised(text).encode())[:INDEX_BYTES]


def last_four_index(column: str, text: str) -> bytes:
    """The coarser index: the last four characters of a number, or four typed by a clerk."""
    return blind_index(f"{column}#4", normalised(text)[-4:])


def normalised(text: str) -> str:
    """Full-width to half-width, without spaces and hyphens, upper case: as a clerk may type the same number."""
    if text.isascii() and text.isalnum():  # nearly all numbers: an import asks three times a line
        return text.upper()
    return _SPACING.sub("", unicodedata.normalize("NFKC", text)).upper()


_SPACING = re.compile(r"[\s\-‐-―·.]")


def masked(record: Any, field: str) -> str:
    """What a page shows of a sealed column of a model instance; empty when there is nothing."""
    sealed = getattr(record, field)
    return starred(open_text(record._meta.db_table, field, record.pk, sealed)) if sealed else ""


def _place(head: bytes, *names: object) -> bytes:
    """Each part framed by its length, so that no two places read the same."""
    parts = [head, *(str(name).encode() for name in names)]
    return b"".join(len(part).to_bytes(2, "big") + part for part in parts)


@lru_cache(maxsize=256)
def _index_key(key: bytes, column: str) -> bytes:
    return provider().mac(key, f"doudi-index/1|{column}".encode())
