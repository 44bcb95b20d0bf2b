"""Kept apart from the data: PostgreSQL does not change a table whose rows have just changed."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q

STATUSES = ["mapping", "checking", "ready", "invalid", "failed", "cancelled"]


class Migration(migrations.Migration):
    dependencies = [
        ("datasets", "0002_versions"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Edit",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("row", models.BigIntegerField()),
                ("content", models.TextField(blank=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "author",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="edits",
                        to="datasets.version",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            "edit",
            models.Index(fields=["version", "author", "row", "id"], name="edit_in_order"),
        ),
        migrations.RemoveIndex("problem", "problem_in_order"),
        migrations.RemoveIndex("problem", "problem_by_code"),
        migrations.AddIndex(
            "problem", models.Index(fields=["version", "row", "id"], name="problem_in_order")
        ),
        migrations.AddIndex(
            "problem", models.Index(fields=["version", "code", "row", "id"], name="problem_by_code")
        ),
        migrations.RemoveField("version", "name"),
        migrations.AlterField(
            "version",
            "dataset",
            models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="versions",
                to="datasets.dataset",
            ),
        ),
        migrations.AlterField(
            "version",
            "format",
            models.CharField(
                blank=True,
                choices=[
                    ("chat", "Chat"),
                    ("prompt_completion", "Prompt and completion"),
                    ("preference", "Preference (DPO)"),
                    ("reinforcement", "Reinforcement"),
                ],
                max_length=20,
            ),
        ),
        migrations.AlterField(
            "version",
            "status",
            models.CharField(
                choices=[
                    ("mapping", "Choose columns"),
                    ("checking", "Checking"),
                    ("ready", "Ready"),
                    ("invalid", "Has problems"),
                    ("failed", "Could not be read"),
                    ("cancelled", "Cancelled"),
                ],
                default="checking",
                max_length=10,
            ),
        ),
        migrations.AddIndex(
            "version",
            models.Index(
                condition=Q(next_examine_at__isnull=False),
                fields=["next_examine_at"],
                name="version_to_examine",
            ),
        ),
        migrations.AddConstraint(
            "version",
            models.UniqueConstraint(fields=("dataset", "number"), name="version_number_once"),
        ),
        migrations.AddConstraint(
            "version",
            models.UniqueConstraint(
                condition=Q(is_newest=True), fields=("dataset",), name="version_newest_once"
            ),
        ),
        migrations.AddConstraint(
            "version",
            models.CheckConstraint(
                condition=Q(status__in=STATUSES), name="version_status_is_known"
            ),
        ),
        migrations.AddConstraint(
            "version",
            models.CheckConstraint(
                condition=~Q(status="ready") | Q(problem_row_count=0, row_count__gt=0),
                name="version_ready_has_rows",
            ),
        ),
    ]
