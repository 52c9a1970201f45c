"""What sources said, and what follows from it.

An observation is one set of facts from one source event; it is only ever added. What the office takes as true is
resolved from all of them by one function (`resolution.resolve`) and kept beside the subject.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from doudi.engine.values import new_id
from doudi.office.access.models import Scoped

ONE_SUBJECT = Q(person__isnull=False, household__isnull=True) | Q(person__isnull=True, household__isnull=False)


class Source(models.Model):
    """Where facts come from: a department's register, a visit, a declaration. Named as in the pack's catalogue."""

    class Kind(models.TextChoices):
        DEPARTMENT = "department", _("部门核实")
        VISIT = "visit", _("入户所见")
        DECLARED = "declared", _("个人申报")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=64, unique=True)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    label_zh = models.CharField(max_length=100)
    label_en = models.CharField(max_length=100)
    owner = models.CharField(max_length=200, blank=True)

    def __str__(self) -> str:
        return self.label_zh


class Subject(Scoped):
    """A person or household with its resolved facts.

    facts: name → value (money as text with two decimals, dates ISO). origins: name → {source, on, to, …}, also for
    facts that are unknown and why. sensitive: the same two maps for sensitive facts, sealed as one. stale_on: the first
    day after `resolved_on` on which the answer may differ (a value lapses, a later observation begins to speak).
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    facts = models.JSONField(default=dict, blank=True)
    origins = models.JSONField(default=dict, blank=True)
    sensitive = models.BinaryField(null=True)
    resolved_on = models.DateField(null=True)
    stale_on = models.DateField(null=True, db_index=True)

    class Meta(Scoped.Meta):
        abstract = True


class Observation(Scoped):
    """What one source said of one subject on one day. Append-only.

    observed_on: the day the values are true of; period: the month they speak of (`2020-06`), or empty; valid_to: last
    day they may be used, if the source says so. recorded_at: when the office came to know (business instant). tier: how
    a list's line was found to mean this person (exact, repaired, new), empty where nobody had to be found.
    """

    append_only = True

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey("registry.Person", models.PROTECT, null=True, related_name="observations")
    household = models.ForeignKey("registry.Household", models.PROTECT, null=True, related_name="observations")
    facts = models.JSONField(default=dict)
    sensitive = models.BinaryField(null=True)
    source = models.ForeignKey(Source, models.PROTECT, to_field="name", db_column="source", related_name="+")
    batch = models.ForeignKey("registry.Batch", models.PROTECT, null=True, related_name="observations")
    row = models.PositiveIntegerField(null=True)
    tier = models.CharField(max_length=10, blank=True)
    observed_on = models.DateField()
    period = models.CharField(max_length=7, blank=True)
    valid_to = models.DateField(null=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=150)

    class Meta(Scoped.Meta):
        abstract = False
        constraints = [models.CheckConstraint(name="registry_observation_of_one_subject", condition=ONE_SUBJECT)]

    def __str__(self) -> str:
        return f"{self.source_id} {self.observed_on}"


class ListedFact(Scoped):
    """A resolved fact that the pack marks `listed`, as an indexed row for filters. Rebuilt with the subject."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey("registry.Person", models.CASCADE, null=True, related_name="listed_facts")
    household = models.ForeignKey("registry.Household", models.CASCADE, null=True, related_name="listed_facts")
    name = models.CharField(max_length=64)
    value = models.CharField(max_length=64)

    class Meta(Scoped.Meta):
        abstract = False
        indexes = [models.Index(fields=["name", "value", "area_code"])]
        constraints = [
            models.CheckConstraint(name="registry_listed_fact_of_one_subject", condition=ONE_SUBJECT),
            models.UniqueConstraint(fields=["person", "name"], name="registry_listed_once_per_person"),
            models.UniqueConstraint(fields=["household", "name"], name="registry_listed_once_per_household"),
        ]

    def __str__(self) -> str:
        return f"{self.name}={self.value}"
