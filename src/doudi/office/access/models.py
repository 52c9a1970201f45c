"""Scoped tables stand on `Scoped`; users and posts follow."""

from __future__ import annotations

from django.db import models


class ScopedManager(models.Manager):
    """Raises NoScope outside a scope; inside, only rows of the scope's area ranges."""


class Scoped(models.Model):
    """A table behind both walls. Every scoped table carries its own `area_code` (12 digits), children included."""

    area_code = models.CharField(max_length=12, db_index=True)
    objects = ScopedManager()

    class Meta:
        abstract = True
        base_manager_name = "objects"
