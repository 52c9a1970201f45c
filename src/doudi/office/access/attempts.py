"""Failed logins are counted under a keyed digest of the account: people type their identity number there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest

from doudi.office.access.sealing import blind_index


def counted_as(request: HttpRequest, credentials: Mapping[str, Any] | None = None) -> str | None:
    """What django-axes keeps instead of the account that was typed; None when none was."""
    typed = (credentials or request.POST).get("username")
    return blind_index("axes_accessattempt.username", typed).hex() if typed else None
