from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.core.management.commands import flush

from doudi.office.audit import append_only


class Command(flush.Command):
    """Emptying is the owner's, whichever alias is named: through the wall it would empty one scope, or nothing."""

    def handle(self, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("flush would empty the trail too; only a demo may do that (DOUDI_DEMO=1)")
        append_only.remove("owner")
        try:
            super().handle(**{**options, "database": "owner"})
        finally:
            append_only.install(using="owner")
