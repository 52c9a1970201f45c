from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from doudi.engine.values import new_id
from doudi.office.access.models import Scoped
from doudi.office.registry.models.facts import Source


class Batch(Scoped):
    """One file that was brought in: what it is, how far it came, and where each of its lines went.

    area_code: the area it was imported for. counts: state → number of lines, adding up to `rows`. mark: how many lines
    are stored; a killed import goes on from there. mapping: header → meaning, as a person chose. asked_in: the scope in
    which it was asked for, to be entered again by the job.
    """

    class State(models.TextChoices):
        QUEUED = "queued", _("排队")
        READING = "reading", _("读取中")
        ASKING = "asking", _("待核对表头")
        READY = "ready", _("待入库")
        ACCEPTING = "accepting", _("入库中")
        ACCEPTED = "accepted", _("已入库")
        UNDOING = "undoing", _("撤销中")
        UNDONE = "undone", _("已撤销")
        REFUSED = "refused", _("已拒收")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=80)
    source = models.ForeignKey(Source, models.PROTECT, to_field="name", db_column="source", related_name="+")
    file_name = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    observed_on = models.DateField()
    period = models.CharField(max_length=7, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    rows = models.PositiveIntegerField(default=0)
    counts = models.JSONField(default=dict)
    mark = models.PositiveIntegerField(default=0)
    mapping = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=150)
    asked_in = models.JSONField(default=dict)
    accepted_at = models.DateTimeField(null=True)
    repeats = models.ForeignKey("self", models.PROTECT, null=True, related_name="+", help_text="the same file, earlier")
    undone_at = models.DateTimeField(null=True)
    undone_by = models.CharField(max_length=150, blank=True)

    class Meta(Scoped.Meta):
        abstract = False
        indexes = [models.Index(fields=["area_code", "-created_at"]), models.Index(fields=["sha256"])]

    def __str__(self) -> str:
        return self.file_name


class BatchRow(Scoped):
    """One line that did not simply go in: doubtful (waits for a person), refused, or ignored (title, header, subtotal).

    reason is a code of the engine's words; content: the line's cells and the fields of the reason, sealed.
    """

    class State(models.TextChoices):
        DOUBTFUL = "doubtful", _("待认人")
        REFUSED = "refused", _("未入库")
        IGNORED = "ignored", _("不计入")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    batch = models.ForeignKey(Batch, models.CASCADE, related_name="parked_rows")
    sheet = models.CharField(max_length=100, blank=True)
    row = models.PositiveIntegerField()
    column = models.CharField(max_length=100, blank=True)
    state = models.CharField(max_length=8, choices=State.choices)
    reason = models.CharField(max_length=80)
    content = models.BinaryField(null=True)
    candidates = models.JSONField(default=list, help_text="ids of persons this line may mean")
    settled_at = models.DateTimeField(null=True)
    settled_by = models.CharField(max_length=150, blank=True)
    settled_as = models.CharField(max_length=20, blank=True)

    class Meta(Scoped.Meta):
        abstract = False
        indexes = [models.Index(fields=["batch", "row"])]

    def __str__(self) -> str:
        return f"{self.batch_id} {self.row}"
