"""A dataset becomes a name with versions; what was a dataset is its first version."""

import apps.datasets.models
import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


def give_each_version_a_dataset(apps, schema_editor):
    Dataset, Version = apps.get_model("datasets", "Dataset"), apps.get_model("datasets", "Version")
    for version in Version.objects.order_by("pk").only("pk", "name", "workspace", "created_by"):
        dataset = Dataset.objects.create(
            name=version.name,
            workspace_id=version.workspace_id,
            created_by_id=version.created_by_id,
        )
        Version.objects.filter(pk=version.pk).update(dataset=dataset)


# Django leaves the names of indexes behind when a table is renamed; the new table wants them.
MOVE_INDEX_NAMES = """
DO $$
DECLARE found text;
BEGIN
  FOR found IN SELECT indexname FROM pg_indexes
    WHERE tablename = 'datasets_version' AND indexname LIKE 'datasets\\_dataset\\_%'
  LOOP
    EXECUTE format(
      'ALTER INDEX %I RENAME TO %I',
      found, 'datasets_version_' || substr(found, length('datasets_dataset_') + 1)
    );
  END LOOP;
END $$
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_apitoken_is_internal"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("datasets", "0001_initial"),
        ("jobs", "0002_job_event_milestones"),
    ]

    operations = [
        migrations.RemoveConstraint("dataset", "dataset_status_is_known"),
        migrations.RemoveConstraint("dataset", "dataset_ready_has_rows"),
        migrations.RenameModel("Dataset", "Version"),
        migrations.RunSQL(MOVE_INDEX_NAMES, migrations.RunSQL.noop),
        migrations.RenameField("problem", "dataset", "version"),
        migrations.RenameIndex("version", new_name="version_due", old_name="dataset_due"),
        migrations.RenameIndex("version", new_name="version_newest", old_name="dataset_newest"),
        migrations.AlterField(
            "version",
            "workspace",
            models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="versions",
                to="accounts.workspace",
            ),
        ),
        migrations.CreateModel(
            name="Dataset",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("name", models.CharField(max_length=200)),
                (
                    "created_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="datasets",
                        to="accounts.workspace",
                    ),
                ),
            ],
            options={"abstract": False},
        ),
        migrations.AddField(
            "version",
            "dataset",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="versions",
                to="datasets.dataset",
            ),
        ),
        migrations.AddField("version", "number", models.PositiveIntegerField(default=1)),
        migrations.AddField("version", "is_newest", models.BooleanField(default=True)),
        migrations.AddField(
            "version", "source_format", models.CharField(default="jsonl", max_length=10)
        ),
        migrations.AddField("version", "mapping", models.JSONField(blank=True, default=dict)),
        migrations.AddField(
            "version",
            "parent",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="children",
                to="datasets.version",
            ),
        ),
        migrations.AddField("version", "recipe", models.JSONField(blank=True, default=list)),
        migrations.AddField("version", "outcome", models.JSONField(blank=True, default=list)),
        migrations.AddField("version", "note", models.CharField(blank=True, max_length=500)),
        migrations.AddField("version", "examination", models.JSONField(blank=True, default=dict)),
        migrations.AddField("version", "examined_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddField(
            "version", "next_examine_at", models.DateTimeField(blank=True, null=True)
        ),
        migrations.AddField("version", "examine_attempts", models.PositiveIntegerField(default=0)),
        migrations.RunPython(give_each_version_a_dataset, migrations.RunPython.noop),
    ]
