"""Votes: which of two to four answers a person finds best, without knowing whose they are."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.playground.models.conversations import MAX_COLUMNS
from apps.playground.models.replies import Reply
from apps.playground.models.turns import Turn


class Choice(models.TextChoices):
    FIRST = "first", _("The first is better")
    SECOND = "second", _("The second is better")
    THIRD = "third", _("The third is better")
    FOURTH = "fourth", _("The fourth is better")
    BOTH = "both", _("Both are good")  # of more than two: several are equally good
    NEITHER = "neither", _("Neither is good")


BEST = (Choice.FIRST, Choice.SECOND, Choice.THIRD, Choice.FOURTH)  # by the order of the columns


class Vote(models.Model):
    """One person's word on one turn. `first` is the reply of the column furthest left."""

    turn = models.ForeignKey(Turn, on_delete=models.CASCADE, related_name="votes")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    first = models.ForeignKey(Reply, on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(Reply, on_delete=models.CASCADE, related_name="+")
    third = models.ForeignKey(
        Reply, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    fourth = models.ForeignKey(
        Reply, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    choice = models.CharField(max_length=10, choices=Choice)
    shown = models.CharField(max_length=MAX_COLUMNS)  # from left to right: "10", the second first
    was_told = models.BooleanField(default=False)  # whose answers they are: the vote stands
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="vote_once", fields=["turn", "user"]),
            models.CheckConstraint(name="vote_on_two", condition=~Q(first=F("second"))),
            models.CheckConstraint(
                name="vote_on_the_third_before_the_fourth",
                condition=Q(fourth=None) | Q(third__isnull=False),
            ),
            models.CheckConstraint(
                name="vote_for_what_was_seen",
                condition=~Q(choice=Choice.THIRD, third=None)
                & ~Q(choice=Choice.FOURTH, fourth=None),
            ),
        ]

    def __str__(self) -> str:
        return self.get_choice_display()

    @property
    def answers(self) -> list[Reply]:
        """What was judged, in the order of the columns."""
        told = (self.first, self.second, self.third, self.fourth)
        return [reply for reply in told if reply]

    @property
    def best(self) -> Reply | None:
        """What this person prefers; None where it is no single one."""
        place = self.place
        return None if place is None else self.answers[place]

    @property
    def place(self) -> int | None:
        """Which of the answers is the best, counted from 0."""
        return BEST.index(Choice(self.choice)) if self.choice in BEST else None
