"""Numbers of versions are given once, and a dataset knows the other part of its split."""

import django.db.models.deletion
from django.db import migrations, models

COUNT = """
UPDATE datasets_dataset SET last_number = made.last
FROM (SELECT dataset_id, max(number) AS last FROM datasets_version GROUP BY dataset_id) AS made
WHERE made.dataset_id = datasets_dataset.id
"""


class Migration(migrations.Migration):
    dependencies = [("datasets", "0003_one_number_one_newest")]

    operations = [
        migrations.AddField("dataset", "last_number", models.PositiveIntegerField(default=0)),
        migrations.AddField(
            "dataset",
            "validated_by",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="validates",
                to="datasets.dataset",
            ),
        ),
        migrations.RunSQL(COUNT, migrations.RunSQL.noop),
    ]
