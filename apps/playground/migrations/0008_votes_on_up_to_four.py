from typing import Any

import django.db.models.deletion
from django.apps.registry import Apps
from django.db import migrations, models
from django.db.models import Case, Q, Value, When


def keep_sides(apps: Apps, _editor: Any) -> None:
    swapped = Case(When(was_swapped=True, then=Value("10")), default=Value("01"))
    apps.get_model("playground", "Vote").objects.update(shown=swapped)


def keep_swaps(apps: Apps, _editor: Any) -> None:
    apps.get_model("playground", "Vote").objects.filter(shown="10").update(was_swapped=True)


def another_answer() -> models.ForeignKey[Any, Any]:
    return models.ForeignKey(
        blank=True,
        null=True,
        on_delete=django.db.models.deletion.CASCADE,
        related_name="+",
        to="playground.reply",
    )


CHOICES = [
    ("first", "The first is better"),
    ("second", "The second is better"),
    ("third", "The third is better"),
    ("fourth", "The fourth is better"),
    ("both", "Both are good"),
    ("neither", "Neither is good"),
]


class Migration(migrations.Migration):
    dependencies = [
        ("playground", "0007_schema_of_answers"),
    ]

    operations = [
        migrations.AddField("vote", "third", another_answer()),
        migrations.AddField("vote", "fourth", another_answer()),
        migrations.AlterField("vote", "choice", models.CharField(choices=CHOICES, max_length=10)),
        migrations.AddField(
            "vote", "shown", models.CharField(default="01", max_length=4), preserve_default=False
        ),
        migrations.RunPython(keep_sides, keep_swaps),
        migrations.RemoveField("vote", "was_swapped"),
        migrations.AddConstraint(
            "vote",
            models.CheckConstraint(
                condition=Q(fourth=None) | Q(third__isnull=False),
                name="vote_on_the_third_before_the_fourth",
            ),
        ),
        migrations.AddConstraint(
            "vote",
            models.CheckConstraint(
                condition=~Q(choice="third", third=None) & ~Q(choice="fourth", fourth=None),
                name="vote_for_what_was_seen",
            ),
        ),
    ]
