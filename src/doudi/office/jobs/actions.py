from __future__ import annotations

from uuid import UUID


def later(task: str, subject_id: UUID | str, /) -> None:
    """Queue a registered task by name for one subject, in the caller's transaction. Safe to call twice."""
    raise NotImplementedError
