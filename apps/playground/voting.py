"""Votes on blind answers: given once, taken back while nobody was told."""

from typing import TYPE_CHECKING

from apps.accounts.models import User
from apps.playground import blind
from apps.playground.models import Conversation, Turn, Vote
from apps.playground.models.turns import VOTED_ON
from apps.playground.models.votes import BEST, Choice

if TYPE_CHECKING:
    from django.db.models import QuerySet


def choice_of(turn: Turn, said: str) -> Choice | None:
    """Read what a person chose: the id of an answer, that several are equal, or that none is good.

    The id, not the side: sides are a matter of the page. None for what is no choice here.
    """
    if said in {Choice.BOTH, Choice.NEITHER}:
        return Choice(said)
    ids = [str(reply.public_id) for reply in blind.judged(turn)]
    return BEST[ids.index(said)] if said in ids else None


def vote(*, turn: Turn, user: User, choice: Choice) -> Vote | None:
    """Keep a person's first word on a turn; None where there is nothing to vote on."""
    answers = blind.judged(turn)
    if not answers or not turn.conversation.is_blind:
        return None
    shown = "".join(str(answers.index(reply)) for reply in blind.sides(turn))
    kept, _is_new = Vote.objects.get_or_create(
        turn=turn,
        user=user,
        defaults={**dict(zip(VOTED_ON, answers, strict=False)), "choice": choice, "shown": shown},
    )
    return kept


def take_back(*, conversation: Conversation, user: User) -> None:
    """Forget this person's newest vote, unless they know by now whose answers those are."""
    if newest := _mine(conversation, user).order_by("-created_at", "-pk").first():
        newest.delete()


def tell(*, conversation: Conversation, user: User) -> None:
    """Note that this person sees whose answers those are: votes given until now stand."""
    _mine(conversation, user).update(was_told=True)


def can_take_back(conversation: Conversation, user: User) -> bool:
    """Whether this person has voted and does not know yet for whom."""
    return _mine(conversation, user).exists()


def _mine(conversation: Conversation, user: User) -> "QuerySet[Vote]":
    """Return the votes of this person that may still be taken back."""
    return Vote.objects.filter(turn__conversation=conversation, user=user, was_told=False)


def to_review(conversation: Conversation, user: User) -> tuple[list[Turn], int]:
    """Return the turns that this person has yet to vote on, and how many there are in all."""
    rows = Turn.objects.filter(conversation=conversation).select_related("conversation")
    turns = [turn for turn in rows.with_replies() if blind.judged(turn)]
    return [turn for turn in turns if blind.vote_of(turn, user) is None], len(turns)
