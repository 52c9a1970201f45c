from __future__ import annotations

from typing import Any

from django.core.management.commands import flush


class Command(flush.Command):
    """Emptying is the owner's, whichever alias is named: through the wall it would empty one scope, or nothing."""

    def handle(self, **options: Any) -> None:
        super().handle(**{**options, "database": "owner"})
