from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import DatabaseError, router, transaction
from django.db.models import Model

from doudi.engine.values import AreaCode
from doudi.office.audit.circumstances import circumstances, current
from doudi.office.audit.keys import actor_key, subject_key
from doudi.office.audit.models import Entry
from doudi.office.audit.personal import masked_words, names_a_person
from doudi.office.audit.reads import keep_line
from doudi.office.jobs.transactions import require_transaction

__all__ = ["PersonalData", "TrailUnwritable", "circumstances", "record", "record_refusal", "seen"]

INSTALLATION = "0" * 12


class TrailUnwritable(Exception):
    """The entry could not be written, so the act must not happen; a page answers 503."""


class PersonalData(ValueError):
    """The detail of an entry holds an identity or telephone number."""


def record(
    act: str,
    subject: Any,
    *,
    by: Any,
    at: datetime,
    area: AreaCode | str = "",
    role: str = "",
    purpose: str = "",
    reason: str = "",
    outcome: str = "done",
    detail: dict[str, Any] | None = None,
    using: str | None = None,
) -> UUID:
    """Write one entry of the trail in the act's own transaction; raises when there is none, so the act fails with it.

    act: `room.verb_in_the_past` (`access.revealed`). subject: a model instance or (kind, id). by: a user or the name
    of a system job. at: business instant (the real one is added here). area: 12 digits; empty = taken from the
    subject, else the whole installation. role, purpose: empty = those of the scope. detail: text, whole numbers,
    booleans, lists, dicts; numbers of persons are refused there and masked in the reason.
    Raises NoTransaction, PersonalData, TrailUnwritable.
    """
    instance = subject if isinstance(subject, Model) else None
    using = using or router.db_for_write(Entry, instance=instance)
    require_transaction(using)
    entry = _entry(act, subject, by, at, area, role, purpose, reason, outcome, detail or {})
    try:
        entry.save(using=using, force_insert=True)
    except DatabaseError as error:
        raise TrailUnwritable(act) from error
    return entry.id


def record_refusal(act: str, subject: Any, *, by: Any, at: datetime, outcome: str = "refused", **rest: Any) -> UUID:
    """Write the entry of an act that did not happen, in a transaction of its own.

    Call it after the act's transaction has ended; inside one it raises RuntimeError, because the entry would be rolled
    back with the act. Arguments as for record().
    """
    using = rest.pop("using", None) or router.db_for_write(Entry)
    with transaction.atomic(using=using, durable=True):
        return record(act, subject, by=by, at=at, outcome=outcome, using=using, **rest)


def seen(subject: Any, *, by: Any, at: datetime, area: AreaCode | str = "", purpose: str = "", role: str = "") -> None:
    """Note that somebody opened a subject: one line, in the trail within seconds, without a write transaction now.

    Arguments as for record(). Raises TrailUnwritable; the page must not be shown then.
    """
    entry = _entry("access.opened", subject, by, at, area, role, purpose, "", "done", {})
    try:
        keep_line(entry)
    except OSError as error:
        raise TrailUnwritable("access.opened") from error


def _entry(
    act: str,
    subject: Any,
    by: Any,
    at: datetime,
    area: AreaCode | str,
    role: str,
    purpose: str,
    reason: str,
    outcome: str,
    detail: dict[str, Any],
) -> Entry:
    if at.tzinfo is None:
        raise ValueError(f"{act}: an instant needs its zone")
    _refuse_personal(act, detail)
    kind, subject_id = subject_key(subject)
    by_kind, by_id, name = actor_key(by)
    place = AreaCode(str(area or getattr(subject, "area_code", "") or INSTALLATION))
    around = current()
    return Entry(
        area_code=place.code,
        county=place.at("county").code,
        at=at,
        recorded_at=datetime.now(UTC),
        act=act,
        subject_kind=kind,
        subject_id=subject_id,
        by_kind=by_kind,
        by_id=by_id,
        by=name,
        role=role or around.role,
        origin=around.origin,
        purpose=purpose or around.purpose,
        reason=masked_words(reason),
        outcome=outcome,
        detail=detail,
    )


def _refuse_personal(act: str, value: Any) -> None:
    match value:
        case dict():
            for key, inner in value.items():
                _refuse_personal(act, key)
                _refuse_personal(act, inner)
        case list() | tuple():
            for inner in value:
                _refuse_personal(act, inner)
        case str():
            if names_a_person(value):
                raise PersonalData(f"{act}: the detail holds a number of a person; give the record's id instead")
        case None | bool() | int():
            pass
        case _:
            raise TypeError(f"{act}: {type(value).__name__} in the detail; use text, whole numbers, lists, dicts")
