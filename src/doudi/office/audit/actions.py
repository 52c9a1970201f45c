from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID


def record(
    act: str,
    subject: Any,
    *,
    by: Any,
    at: datetime,
    area: str = "",
    purpose: str = "",
    reason: str = "",
    outcome: str = "done",
    detail: dict[str, Any] | None = None,
) -> UUID:
    """Write one entry of the trail in the act's own transaction; raises when there is none, so the act fails with it.

    act: `room.verb_in_the_past` (`access.revealed`). subject: a model instance or (kind, id). by: a user or the name
    of a system job. at: business instant (the real one is added here). area: 12 digits; empty = taken from the subject.
    """
    raise NotImplementedError
