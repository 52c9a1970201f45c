"""Whether a row written now lives and dies with the caller's change."""

from __future__ import annotations

from django.db import connections


class NoTransaction(RuntimeError):
    """A trail entry or a job outside the transaction of its act: the act could happen without it."""


def require_transaction(using: str) -> None:
    """Raise NoTransaction unless the caller opened one; the one a test case wraps around a test does not count."""
    blocks = connections[using].atomic_blocks
    if all(getattr(block, "_from_testcase", False) for block in blocks):
        raise NoTransaction(f"open transaction.atomic(using={using!r}) around the act")
