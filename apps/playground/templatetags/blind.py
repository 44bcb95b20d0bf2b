"""Blind mode in templates: which side a reply stands on, and who may know whose it is."""

from django import template
from django.utils.translation import gettext

from apps.accounts.models import User
from apps.playground import blind
from apps.playground.models import Reply, Turn, Vote
from apps.playground.models.votes import Choice

register = template.Library()


@register.filter
def sides(turn: Turn) -> list[Reply]:
    """Return the replies from left to right."""
    return blind.sides(turn)


@register.filter
def is_hidden_from(reply: Reply, user: User | None) -> bool:
    """Whether this person must not know yet who answered; with nobody there, nobody knows."""
    return blind.hides_names(reply.turn, user)


@register.filter
def awaits_vote_of(turn: Turn, user: User) -> bool:
    """Whether there are answers that this person has yet to judge."""
    return blind.hides_names(turn, user) and bool(blind.judged(turn))


@register.filter
def preferred(vote: Vote) -> str:
    """Say which model a vote is for, or that it is for several or none."""
    if vote.best:
        return blind.name_of(vote.best)
    if len(vote.answers) == 2:
        return vote.get_choice_display()
    return (
        gettext("Several are equally good")
        if vote.choice == Choice.BOTH
        else gettext("None is good")
    )


@register.filter
def letter_of(reply: Reply) -> str:
    """Return what an answer is called while its name is hidden."""
    return blind.letters(reply.turn).get(reply.column_id, "")


@register.filter
def vote_of(turn: Turn, user: User) -> Vote | None:
    """Return what this person has said of the turn."""
    return blind.vote_of(turn, user) if turn.conversation.is_blind else None
