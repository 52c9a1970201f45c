"""Screening runs, the state of every subject counted per village, and the clues that follow from them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from doudi.engine.values import new_id
from doudi.office.access.models import Scoped
from doudi.office.audit.remarks import RemarkField


class Run(Scoped):
    """One screening of one area: which law, which day, what came out. The output folder stands under DATA_DIR/runs."""

    class State(models.TextChoices):
        QUEUED = "queued", _("排队")
        RUNNING = "running", _("比对中")
        DONE = "done", _("完成")
        FAILED = "failed", _("未完成")
        SUPERSEDED = "superseded", _("让给更新的一次")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    as_of = models.DateField()
    edition = models.ForeignKey("law.PackEdition", on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    asked_at = models.DateTimeField()
    asked_by = models.CharField(max_length=150)
    finished_at = models.DateTimeField(null=True)
    n_persons = models.PositiveIntegerField(default=0)
    n_households = models.PositiveIntegerField(default=0)
    summary = models.JSONField(null=True)
    fault = models.TextField(blank=True)

    class Meta(Scoped.Meta):
        abstract = False
        indexes = [models.Index(fields=["area_code", "-asked_at"])]
        constraints = [
            models.UniqueConstraint(fields=["area_code"], condition=Q(state="queued"), name="monitoring_one_waits"),
            models.UniqueConstraint(fields=["area_code"], condition=Q(state="running"), name="monitoring_one_runs"),
        ]

    def __str__(self) -> str:
        return f"{self.area_code} {self.as_of}"


class StateCount(Scoped):
    """How many subjects of one village ended in one state of one programme: the independent side of the bottom line."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="state_counts")
    programme = models.CharField(max_length=64)
    state = models.CharField(max_length=24)
    n = models.PositiveIntegerField()

    class Meta(Scoped.Meta):
        abstract = False
        constraints = [
            models.UniqueConstraint(
                fields=["run", "area_code", "programme", "state"], name="monitoring_one_count_per_village_and_state"
            )
        ]

    def __str__(self) -> str:
        return f"{self.area_code} {self.programme} {self.state} {self.n}"


class Finding(Scoped):
    """A clue, never a verdict: it stops no money, starts unsent and is closed by a person with a reason.

    `code` is the engine's finding id; one clue that comes back after it was closed is a new episode.
    """

    class Kind(models.TextChoices):
        MISSED = "missed", _("疑似漏保")
        NO_LONGER_ELIGIBLE = "no_longer_eligible", _("疑似不再符合条件")
        AMOUNT = "amount", _("待遇金额待核")
        TO_VERIFY = "to_verify", _("待核实")
        OVERLAP = "overlap", _("疑似重复享受")
        RISK = "risk", _("风险预警")

    class State(models.TextChoices):
        UNSENT = "unsent", _("未下发")
        SENT = "sent", _("已下发")
        CLOSED = "closed", _("已销号")
        VANISHED = "vanished", _("本轮未再出现")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.CharField(max_length=32)
    episode = models.PositiveSmallIntegerField(default=1)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    household = models.ForeignKey("registry.Household", on_delete=models.PROTECT, related_name="findings")
    person = models.ForeignKey("registry.Person", on_delete=models.PROTECT, related_name="findings", null=True)
    programme = models.CharField(max_length=64, blank=True)
    other = models.CharField(max_length=64, blank=True)
    current_fen = models.BigIntegerField(null=True)
    due_fen = models.BigIntegerField(null=True)
    failed = models.JSONField(default=list)
    unknown = models.JSONField(default=list)
    priority = models.PositiveSmallIntegerField(default=0)
    priority_parts = models.JSONField(default=list)
    first_seen = models.DateField()
    last_run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="findings")
    state = models.CharField(max_length=8, choices=State.choices, default=State.UNSENT)
    due_on = models.DateField(null=True)
    settled_at = models.DateTimeField(null=True)
    settled_by = models.CharField(max_length=150, blank=True)
    settled_reason = RemarkField(blank=True)

    class Meta(Scoped.Meta):
        abstract = False
        indexes = [models.Index(fields=["area_code", "state", "-priority"]), models.Index(fields=["household"])]
        constraints = [
            models.UniqueConstraint(fields=["code", "episode"], name="monitoring_one_finding_per_episode"),
            models.UniqueConstraint(
                fields=["code"], condition=Q(state__in=["unsent", "sent"]), name="monitoring_one_open_finding"
            ),
            models.CheckConstraint(name="monitoring_finding_priority_within_100", condition=Q(priority__lte=100)),
            models.CheckConstraint(
                name="monitoring_closed_finding_says_who_and_why",
                condition=~Q(state="closed")
                | (Q(settled_at__isnull=False) & ~Q(settled_by="") & ~Q(settled_reason="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.programme}"
