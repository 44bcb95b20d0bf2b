"""Votes: which of two answers a person finds better, without knowing whose they are."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.playground.models.replies import Reply
from apps.playground.models.turns import Turn


class Choice(models.TextChoices):
    FIRST = "first", _("The first is better")
    SECOND = "second", _("The second is better")
    BOTH = "both", _("Both are good")
    NEITHER = "neither", _("Neither is good")


class Vote(models.Model):
    """One person's word on one turn. `first` is the reply of the column further left."""

    turn = models.ForeignKey(Turn, on_delete=models.CASCADE, related_name="votes")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    first = models.ForeignKey(Reply, on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(Reply, on_delete=models.CASCADE, related_name="+")
    choice = models.CharField(max_length=10, choices=Choice)
    was_swapped = models.BooleanField(default=False)  # the second stood on the left
    was_told = models.BooleanField(default=False)  # whose answers they are: the vote stands
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="vote_once", fields=["turn", "user"]),
            models.CheckConstraint(name="vote_on_two", condition=~Q(first=F("second"))),
        ]

    def __str__(self) -> str:
        return self.get_choice_display()
