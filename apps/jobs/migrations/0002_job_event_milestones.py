from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("jobs", "0001_initial")]

    operations = [
        migrations.AddIndex(
            model_name="jobevent",
            index=models.Index(
                condition=models.Q(("type", "metrics"), _negated=True),
                fields=["job", "-created_at", "-id"],
                name="job_event_milestones",
            ),
        ),
    ]
