"""Editions of packs, kept whole: a pack is used only by hash, and an old decision re-runs from what stands here."""

from __future__ import annotations

from django.db import models

from doudi.engine.values import new_id


class PackEdition(models.Model):
    """One pack as it was installed. The archive is the canonical one over which the hash was taken."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    hash = models.CharField(max_length=64, unique=True)
    pack = models.CharField(max_length=64)
    edition = models.CharField(max_length=64)
    archive = models.BinaryField()
    installed_at = models.DateTimeField()
    installed_by = models.CharField(max_length=150)

    def __str__(self) -> str:
        return f"{self.pack} {self.edition}"


class Activation(models.Model):
    """An edition in use for one area from a day on; the newest of the nearest area counts."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    edition = models.ForeignKey(PackEdition, on_delete=models.PROTECT, related_name="activations")
    area = models.CharField(max_length=12, help_text="12 digits; empty for every area")
    since = models.DateField()
    activated_at = models.DateTimeField()
    activated_by = models.CharField(max_length=150)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["edition", "area", "since"], name="law_one_activation_per_area_and_day")
        ]

    def __str__(self) -> str:
        return f"{self.edition} {self.area} {self.since}"
