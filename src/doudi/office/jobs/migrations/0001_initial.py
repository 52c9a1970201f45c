from django.db import migrations, models

import doudi.engine.values


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Job",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=doudi.engine.values.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("task", models.CharField(max_length=100)),
                ("subject_id", models.CharField(max_length=64)),
                (
                    "state",
                    models.CharField(
                        choices=[("queued", "Queued"), ("running", "Running"), ("done", "Done"), ("failed", "Failed")],
                        default="queued",
                        max_length=8,
                    ),
                ),
                ("run_at", models.DateTimeField()),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("worker", models.CharField(blank=True, max_length=36)),
                ("lease_until", models.DateTimeField(null=True)),
                ("n", models.PositiveBigIntegerField(default=0)),
                ("n_before", models.PositiveBigIntegerField(default=0)),
                ("total", models.PositiveBigIntegerField(default=0)),
                ("error", models.CharField(blank=True, max_length=200)),
                ("created_at", models.DateTimeField()),
                ("started_at", models.DateTimeField(null=True)),
                ("finished_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["state", "run_at"], name="jobs_next"),
                    models.Index(fields=["task", "subject_id", "-created_at"], name="jobs_by_subject"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "queued")),
                        fields=("task", "subject_id"),
                        name="jobs_one_queued_per_subject",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state", "running"), ("lease_until__isnull", True), _connector="XOR"),
                        name="jobs_running_has_a_lease",
                    ),
                ],
            },
        ),
    ]
