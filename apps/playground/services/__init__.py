"""What a person can do in the playground."""

from apps.playground.services.answers import (
    EnoughSamples,
    close_abandoned,
    stop_reply,
    try_again,
)
from apps.playground.services.branches import branch_from, branch_with
from apps.playground.services.conversations import delete_conversation, hide_names, rename
from apps.playground.services.sending import (
    ColumnChoice,
    Origin,
    Prompt,
    StillAnswering,
    label_for,
    send,
)

__all__ = [
    "ColumnChoice",
    "EnoughSamples",
    "Origin",
    "Prompt",
    "StillAnswering",
    "branch_from",
    "branch_with",
    "close_abandoned",
    "delete_conversation",
    "hide_names",
    "label_for",
    "rename",
    "send",
    "stop_reply",
    "try_again",
]
