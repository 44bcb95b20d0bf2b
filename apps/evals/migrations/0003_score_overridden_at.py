"""When a person overruled a grader."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("evals", "0002_samples_recordings_saved_cases"),
    ]

    operations = [
        migrations.AddField(
            model_name="score",
            name="overridden_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
