"""A job points at versions: what it trains on, and what it is validated with."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("datasets", "0002_versions"),
        ("jobs", "0002_job_event_milestones"),
    ]

    operations = [
        migrations.RenameField("job", "dataset", "training_data"),
        migrations.RenameField("job", "validation_dataset", "validation_data"),
    ]
