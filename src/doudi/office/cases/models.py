"""Entitlements: what a household or person is granted, decided here or brought by an import."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from doudi.engine.values import new_id
from doudi.office.access.models import Scoped


class Entitlement(Scoped):
    """A programme granted to a household or to one person, frozen as decided: members and area do not follow moves."""

    class Origin(models.TextChoices):
        IMPORTED = "imported", _("导入")
        DECIDED = "decided", _("决定")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    household = models.ForeignKey("registry.Household", on_delete=models.PROTECT, related_name="entitlements")
    person = models.ForeignKey(
        "registry.Person", on_delete=models.PROTECT, related_name="entitlements", null=True, blank=True
    )
    programme = models.CharField(max_length=64)
    amount_fen = models.BigIntegerField(null=True)
    period = models.CharField(max_length=16, default="month")
    starts_on = models.DateField(null=True)
    ends_on = models.DateField(null=True)
    persons = models.JSONField(null=True, help_text="ids of the persons it was decided for; null = every member")
    origin = models.CharField(max_length=8, choices=Origin.choices)
    batch = models.ForeignKey("registry.Batch", on_delete=models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField()
    ended_by = models.ForeignKey("registry.Batch", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta(Scoped.Meta):
        abstract = False
        indexes = [models.Index(fields=["household", "programme"])]
        constraints = [
            models.CheckConstraint(
                name="cases_entitlement_amount_not_negative",
                condition=Q(amount_fen__isnull=True) | Q(amount_fen__gte=0),
            ),
            models.CheckConstraint(
                name="cases_entitlement_ends_after_start",
                condition=Q(starts_on__isnull=True) | Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
            ),
            models.CheckConstraint(
                name="cases_entitlement_imported_from_a_batch", condition=~Q(origin="imported") | Q(batch__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.programme} {self.starts_on}"
