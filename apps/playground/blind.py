"""Blind mode: whose answer is whose is hidden until a person has voted."""

import hashlib

from apps.accounts.models import User
from apps.playground.models import Conversation, Reply, Turn, Vote

SIDES = 2  # people compare two; of three they remember the last


def can_be_blind(conversation: Conversation) -> bool:
    """Whether each prompt gets two answers, one of each model."""
    columns = [column for column in conversation.columns.all() if column.is_open]
    return len(columns) == SIDES and conversation.samples == 1


def is_swapped(turn: Turn) -> bool:
    """Whether the second model stands on the left: by chance, and the same on every visit."""
    chance = hashlib.sha256(f"{turn.conversation.public_id}:{turn.position}".encode()).digest()
    return bool(chance[0] & 1)


def sides(turn: Turn) -> list[Reply]:
    """Return the replies from left to right."""
    replies = list(turn.replies.all())
    return replies[::-1] if turn.conversation.is_blind and is_swapped(turn) else replies


def pair(turn: Turn) -> tuple[Reply, Reply] | None:
    """Return the two answers to vote on, as the columns stand; None where there are not two."""
    replies = list(turn.replies.all())
    are_whole = all(reply.status == Reply.Status.COMPLETE and reply.text for reply in replies)
    return (replies[0], replies[1]) if len(replies) == SIDES and are_whole else None


def vote_of(turn: Turn, user: User | None) -> Vote | None:
    """Return what this person has said of the turn."""
    mine = (vote for vote in turn.votes.all() if user and vote.user_id == user.pk)
    return next(mine, None)


def name_of(reply: Reply) -> str:
    """Return what people call the model that answered: Base, Tuned, or its name."""
    column = reply.column
    return str(column) if reply.model == column.model else reply.model


def hides_names(turn: Turn, user: User | None) -> bool:
    """Whether this person must not know yet who answered."""
    return turn.conversation.is_blind and vote_of(turn, user) is None
