from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import models, transaction

from doudi.engine.values import AreaCode
from doudi.office.access.models import Scoped, User
from doudi.office.access.permissions import PERMISSIONS
from doudi.office.access.scopes import NotAllowed, OutOfScope, current_scope
from doudi.office.access.sealing import open_text
from doudi.office.audit.actions import record as record_act

__all__ = ["NoPurpose", "require", "reveal"]


class NoPurpose(ValueError):
    """A number is shown for a purpose, or not at all."""


def require(by: User | str, permission: str, *, area: AreaCode | str) -> None:
    """Whoever acts may do this in this area; otherwise nothing happens.

    by: the user of the scope in force, or the name of the running system job. permission: a key of PERMISSIONS.
    Raises NotAllowed (the role never may), OutOfScope (not in this area), NoScope, KeyError (no such permission).
    """
    roles, scope = PERMISSIONS[permission], current_scope()
    if scope.is_system:
        if isinstance(by, str):
            return
        raise NotAllowed(f"{permission}: a system job acts in its own name, not in a user's")
    if isinstance(by, str) or by.pk != scope.user_id:
        raise NotAllowed(f"{permission}: this is not the user of the scope")
    if not by.is_active or scope.role not in roles:
        raise NotAllowed(f"{permission}: not as {scope.role}")
    if not scope.covers(area):
        raise OutOfScope(f"{permission}: not in this area")


def reveal(record: Scoped, field: str, *, purpose: str, by: User, at: datetime) -> str:
    """The full text of one sealed field of one record, after the trail has it.

    purpose: a code, kept with the entry. at: business instant. The entry is committed before the text is opened; call
    it outside a transaction. Empty when nothing is kept.
    Raises NoPurpose, NotAllowed, OutOfScope, TrailUnwritable, FieldDoesNotExist, Altered.
    """
    if not purpose.strip():
        raise NoPurpose("say what the number is needed for")
    if not isinstance(record._meta.get_field(field), models.BinaryField):
        raise ValueError(f"{field} is not sealed")
    with transaction.atomic(durable=True):
        kept: Any = type(record).objects.filter(pk=record.pk).first()
        if kept is None:
            raise OutOfScope("not there, or not yours")
        require(by, "access.reveal", area=kept.area_code)
        record_act("access.revealed", kept, by=by, at=at, purpose=purpose, detail={"field": field})
    sealed = getattr(kept, field)
    return open_text(kept._meta.db_table, field, kept.pk, sealed) if sealed else ""
