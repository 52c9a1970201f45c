from __future__ import annotations

from django.db import models

from doudi.engine.values import new_id


class Area(models.Model):
    """A division this office works with: its counties, what lies below them and what stands above. Public data.

    `level` counts from 1 (province) to 5 (village); both days of validity are included, empty is open.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.CharField(max_length=12)
    level = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=100)
    full_name = models.CharField(max_length=300)
    parent_code = models.CharField(max_length=12, blank=True)
    kind = models.CharField(max_length=20, default="place")
    valid_from = models.DateField(null=True)
    valid_to = models.DateField(null=True)
    successor = models.CharField(max_length=12, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["code", "level"], name="registry_one_area_per_code_and_level")]
        indexes = [models.Index(fields=["parent_code", "level"])]
        ordering = ["code", "level"]

    def __str__(self) -> str:
        return self.full_name
