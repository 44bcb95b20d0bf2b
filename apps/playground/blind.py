"""Blind mode: whose answer is whose is hidden until a person has voted."""

import hashlib

from apps.accounts.models import User
from apps.playground.models import Conversation, Reply, Turn, Vote

LETTERS = "ABCD"  # what answers are called from left to right


def can_be_blind(conversation: Conversation) -> bool:
    """Whether each model answers once: of several answers people would tell which go together."""
    return conversation.samples == 1


def sides(turn: Turn) -> list[Reply]:
    """Return the replies from left to right, those of one column beside each other."""
    replies = list(turn.replies.all())
    if not turn.conversation.is_blind:
        return replies
    return sorted(replies, key=lambda reply: _chance(turn, reply.column.position))


def letters(turn: Turn) -> dict[int, str]:
    """Return what the answers of each column, by its id, are called while names are hidden."""
    columns = dict.fromkeys(reply.column_id for reply in sides(turn))
    return dict(zip(columns, LETTERS, strict=False))


def judged(turn: Turn) -> list[Reply]:
    """Return the answers to vote on, as the columns stand; none where not all of them are whole."""
    replies = list(turn.replies.all())
    are_whole = all(reply.status == Reply.Status.COMPLETE and reply.text for reply in replies)
    is_once = len({reply.column_id for reply in replies}) == len(replies)
    return replies if len(replies) > 1 and is_once and are_whole else []


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


def _chance(turn: Turn, place: int) -> bytes:
    """Return by what columns are ordered: by chance, and the same on every visit."""
    told = f"{turn.conversation.public_id}:{turn.position}:{place}"
    return hashlib.sha256(told.encode()).digest()
