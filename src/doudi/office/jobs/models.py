"""Rows of work. A job is a task's name and one subject's id; everything else the task reads anew."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from doudi.engine.values import new_id


class Job(models.Model):
    """One piece of work. Times are of the real clock: leases and retries know no business day.

    task: `room.name` as registered with @task. n of total is the progress the task reports (total 0 = unknown);
    n_before is where n stood when the running attempt began.
    """

    class State(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    task = models.CharField(max_length=100)
    subject_id = models.CharField(max_length=64)
    state = models.CharField(max_length=8, choices=State.choices, default=State.QUEUED)
    run_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    worker = models.CharField(max_length=36, blank=True)
    lease_until = models.DateTimeField(null=True)
    n = models.PositiveBigIntegerField(default=0)
    n_before = models.PositiveBigIntegerField(default=0)
    total = models.PositiveBigIntegerField(default=0)
    error = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["task", "subject_id"], condition=Q(state="queued"), name="jobs_one_queued_per_subject"
            ),
            models.CheckConstraint(
                condition=Q(state="running") ^ Q(lease_until__isnull=True), name="jobs_running_has_a_lease"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["state", "run_at"], name="jobs_next"),
            models.Index(fields=["task", "subject_id", "-created_at"], name="jobs_by_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.task}({self.subject_id}): {self.state}"
