from django.db import migrations, models

import doudi.engine.values


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Entry",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=doudi.engine.values.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("area_code", models.CharField(max_length=12)),
                ("county", models.CharField(max_length=12)),
                ("at", models.DateTimeField()),
                ("recorded_at", models.DateTimeField()),
                ("act", models.CharField(max_length=80)),
                ("subject_kind", models.CharField(max_length=80)),
                ("subject_id", models.CharField(max_length=64)),
                ("by_kind", models.CharField(max_length=8)),
                ("by_id", models.CharField(blank=True, max_length=64)),
                ("by", models.CharField(max_length=150)),
                ("role", models.CharField(blank=True, max_length=40)),
                ("origin", models.CharField(blank=True, max_length=80)),
                ("purpose", models.CharField(blank=True, max_length=80)),
                ("reason", models.CharField(blank=True, max_length=1000)),
                ("outcome", models.CharField(max_length=40)),
                ("detail", models.JSONField(default=dict)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["area_code", "-id"], name="audit_by_area"),
                    models.Index(fields=["subject_kind", "subject_id", "-id"], name="audit_by_subject"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Seal",
            fields=[
                ("entry_id", models.UUIDField(primary_key=True, serialize=False)),
                ("county", models.CharField(max_length=12)),
                ("seq", models.PositiveBigIntegerField()),
                ("digest", models.CharField(max_length=64)),
                ("hash", models.CharField(max_length=64)),
                ("sealed_at", models.DateTimeField()),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("county", "seq"), name="audit_no_fork")],
            },
        ),
    ]
