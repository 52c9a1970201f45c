from django.db import migrations, models

# Of what an older version left waiting or running, the newest keeps its turn.
OLDER_GIVE_WAY = """
UPDATE monitoring_run SET state = 'superseded' WHERE state IN ('queued', 'running') AND EXISTS (
    SELECT 1 FROM monitoring_run newer WHERE newer.area_code = monitoring_run.area_code AND newer.state <> 'failed'
    AND (newer.asked_at > monitoring_run.asked_at
        OR (newer.asked_at = monitoring_run.asked_at AND newer.id > monitoring_run.id)))
"""


class Migration(migrations.Migration):
    atomic = False  # PostgreSQL refuses to change a table in the transaction that wrote rows of it

    dependencies = [("law", "0001_initial"), ("monitoring", "0001_initial")]

    operations = [
        migrations.AlterField(
            model_name="run",
            name="state",
            field=models.CharField(
                choices=[
                    ("queued", "排队"),
                    ("running", "比对中"),
                    ("done", "完成"),
                    ("failed", "未完成"),
                    ("superseded", "让给更新的一次"),
                ],
                default="queued",
                max_length=10,
            ),
        ),
        migrations.RunSQL(OLDER_GIVE_WAY, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="run",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "queued")), fields=("area_code",), name="monitoring_one_waits"
            ),
        ),
        migrations.AddConstraint(
            model_name="run",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "running")), fields=("area_code",), name="monitoring_one_runs"
            ),
        ),
    ]
