"""From "cancel" alone to everything a person can ask of a job at its provider."""

from django.db import migrations, models
from django.db.models import F, Q


def keep_wishes_to_cancel(apps, schema_editor):
    jobs = apps.get_model("jobs", "Job").objects.exclude(wished_at=None, wish_refusal="")
    jobs.update(wish="cancel")
    jobs.filter(wished_at=None).update(wished_at=F("updated_at"), wish_sent_at=F("updated_at"))


class Migration(migrations.Migration):
    dependencies = [("jobs", "0004_methods_and_jobs_made_elsewhere")]

    operations = [
        migrations.RemoveIndex(model_name="job", name="job_step_due"),
        migrations.RenameField("job", "cancel_requested_at", "wished_at"),
        migrations.RenameField("job", "cancel_sent_at", "wish_sent_at"),
        migrations.RenameField("job", "cancel_refusal", "wish_refusal"),
        migrations.AddField(
            model_name="job",
            name="wish",
            field=models.CharField(
                blank=True,
                choices=[
                    ("cancel", "Stop"),
                    ("pause", "Pause"),
                    ("resume", "Resume"),
                    ("delete", "Delete"),
                ],
                default="",
                max_length=10,
            ),
            preserve_default=False,
        ),
        migrations.RunPython(keep_wishes_to_cancel, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name="job",
            index=models.Index(
                name="job_step_due",
                fields=["next_step_at"],
                condition=Q(("finished_at", None), ("provider_job_id", ""))
                | Q(("wish", ""), _negated=True),
            ),
        ),
    ]
