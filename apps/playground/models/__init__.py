"""The rows of the playground, from the conversation down to a vote."""

from apps.playground.models.conversations import (
    MAX_COLUMNS,
    MAX_SAMPLES,
    MIN_COLUMNS,
    Column,
    Conversation,
)
from apps.playground.models.replies import SILENT_AFTER, START_WITHIN, Reply, Trouble
from apps.playground.models.settings import ChatSettings
from apps.playground.models.turns import Turn, with_turns
from apps.playground.models.votes import Vote

__all__ = [
    "MAX_COLUMNS",
    "MAX_SAMPLES",
    "MIN_COLUMNS",
    "SILENT_AFTER",
    "START_WITHIN",
    "ChatSettings",
    "Column",
    "Conversation",
    "Reply",
    "Trouble",
    "Turn",
    "Vote",
    "with_turns",
]
