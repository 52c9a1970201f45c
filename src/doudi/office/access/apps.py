from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate


def raise_walls(sender: Any, using: str, **_: Any) -> None:
    """After migrations: policies for the new tables, and connections that know them."""
    from doudi.office.access.postgres import wall

    if connections[using].vendor == "postgresql":
        with connections[using].cursor() as cursor:
            wall.install(cursor)
    if not connections["default"].in_atomic_block:
        connections["default"].close()


class AccessConfig(AppConfig):
    name = "doudi.office.access"
    label = "access"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        post_migrate.connect(raise_walls, sender=self)
