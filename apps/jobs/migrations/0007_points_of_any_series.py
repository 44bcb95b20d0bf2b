"""A step keeps numbers of any name; long series become chunks."""

import django.db.models.deletion
from django.db import migrations, models

NAMES = (
    "train_loss",
    "valid_loss",
    "full_valid_loss",
    "train_mean_token_accuracy",
    "valid_mean_token_accuracy",
    "full_valid_mean_token_accuracy",
)
NUMBERS = ", ".join(f"'{name}', NULLIF({name}, 'NaN')" for name in NAMES)
INTO_NUMBERS = f"""
UPDATE jobs_metricpoint SET numbers = jsonb_strip_nulls(jsonb_build_object({NUMBERS}))
"""
INTO_COLUMNS = "UPDATE jobs_metricpoint SET " + ", ".join(
    f"{name} = (numbers->>'{name}')::float8" for name in NAMES
)
# The arrays are noise to a compressor: PostgreSQL need not try.
AS_IT_IS = "ALTER TABLE jobs_metricchunk " + ", ".join(
    f"ALTER COLUMN {column} SET STORAGE EXTERNAL" for column in ("steps", "numbers")
)


class Migration(migrations.Migration):
    dependencies = [("jobs", "0006_announced_at")]

    operations = [
        migrations.AddField("metricpoint", "numbers", models.JSONField(default=dict)),
        migrations.RunSQL(INTO_NUMBERS, INTO_COLUMNS),
        *(migrations.RemoveField("metricpoint", name) for name in NAMES),
        migrations.CreateModel(
            name="MetricChunk",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=100)),
                ("first_step", models.PositiveIntegerField()),
                ("last_step", models.PositiveIntegerField()),
                ("steps", models.BinaryField()),
                ("numbers", models.BinaryField()),
                ("peak_steps", models.BinaryField()),
                ("peak_numbers", models.BinaryField()),
                (
                    "job",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="metric_chunks",
                        to="jobs.job",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            "metricchunk",
            models.UniqueConstraint(name="metric_chunk_once", fields=("job", "name", "first_step")),
        ),
        migrations.RunSQL(AS_IT_IS, migrations.RunSQL.noop),
    ]
