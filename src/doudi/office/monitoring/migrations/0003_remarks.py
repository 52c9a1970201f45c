from typing import Any

from django.db import migrations

from doudi.office.audit.remarks import RemarkField


def star_numbers(apps: Any, editor: Any) -> None:
    """The column stars what it is given: writing the words again is enough."""
    rows = apps.get_model("monitoring", "Finding").objects.using(editor.connection.alias)
    for finding in rows.filter(settled_reason__regex="[0-9\uff10-\uff19]").only("settled_reason"):
        finding.save(update_fields=["settled_reason"])


class Migration(migrations.Migration):
    atomic = False  # PostgreSQL refuses to change a table in the transaction that wrote rows of it

    dependencies = [("monitoring", "0002_one_screening_at_a_time")]

    operations = [
        migrations.AlterField("finding", "settled_reason", RemarkField(blank=True)),
        migrations.RunPython(star_numbers, migrations.RunPython.noop),
    ]
