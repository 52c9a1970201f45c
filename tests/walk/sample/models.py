"""Small scoped tables of the tests: a household with members, notes below them, and an append-only log."""

from __future__ import annotations

from django.db import models

from doudi.engine.values import new_id
from doudi.office.access.models import Scoped


class House(Scoped):
    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=40)
    number = models.CharField(max_length=40, unique=True)

    def __str__(self) -> str:
        return self.name


class Member(Scoped):
    """Must stand in its house's area."""

    scope_parent = "house"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    house = models.ForeignKey(House, models.CASCADE, related_name="members")
    name = models.CharField(max_length=40)

    def __str__(self) -> str:
        return self.name


class Remark(models.Model):
    """Deliberately not scoped: what a forgotten child table looks like to the walls."""

    house = models.ForeignKey(House, models.CASCADE, related_name="remarks")
    text = models.CharField(max_length=40)

    def __str__(self) -> str:
        return self.text


class Line(models.Model):
    """Opts in by attributes alone, as rooms below access do; everybody may add, only the scope reads."""

    append_only = anybody_adds = True
    scope_column = "place"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    place = models.CharField(max_length=12)
    text = models.CharField(max_length=40)

    def __str__(self) -> str:
        return self.text


class Card(Scoped):
    """Something sealed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.BinaryField(null=True)

    def __str__(self) -> str:
        return str(self.id)
