"""A conversation as a file: everything as JSON, or to be read as Markdown."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.playground import blind
from apps.playground.models import Conversation, Reply, Turn

FORMAT = "retune.conversation.v1"
SPECIAL = re.compile(r"([\\`*_{}\[\]<>()#+\-.!|~&])")
BACKTICKS = re.compile(r"`+")
OF_THE_MODEL = (
    "model",
    "known_as",
    "settings",
    "left_out",
    "served_model",
    "system_fingerprint",
    "finish_reason",
    "prompt_tokens",
    "completion_tokens",
    "reasoning",
    "reasoning_tokens",
    "first_token_ms",
    "total_ms",
    "logprobs",
)


def as_data(conversation: Conversation, user: User) -> dict[str, Any]:
    """Return all of it. Names that blind mode hides from this person stay hidden."""
    return {
        "format": FORMAT,
        "title": conversation.title,
        "created_at": conversation.created_at.isoformat(),
        "address": conversation.get_absolute_url(),
        "turns": [_turn(turn, user) for turn in conversation.turns.all()],
    }


def as_markdown(conversation: Conversation, user: User) -> str:
    """Return what was asked and answered, to be read."""
    return "\n\n".join(_lines(conversation, user)) + "\n"


def fenced(text: str) -> str:
    """Put a text into a block that it cannot leave, whatever it holds."""
    longest = max((len(run) for run in BACKTICKS.findall(text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{text}\n{fence}"


def plain(text: str) -> str:
    """Write a short text on one line, so that nothing in it is read as Markdown or HTML."""
    return SPECIAL.sub(r"\\\1", " ".join(text.split()))


def _turn(turn: Turn, user: User) -> dict[str, Any]:
    is_hidden = blind.hides_names(turn, user)
    facts = {
        "text": turn.text,
        "context": turn.context,
        "after": turn.after,
        "expected": turn.expected or None,
        "forgets_what_was_before": turn.is_fresh,
        "created_at": turn.created_at.isoformat(),
    }
    return {**facts, "replies": [_reply(reply, is_hidden=is_hidden) for reply in blind.sides(turn)]}


def _reply(reply: Reply, *, is_hidden: bool) -> dict[str, Any]:
    facts = {
        "text": reply.text,
        "sample": reply.sample,
        "status": reply.status,
        "error": str(reply.error) or None,
        "tool_calls": reply.tool_calls,
    }
    if is_hidden:
        return facts
    told = {name: getattr(reply, name) for name in OF_THE_MODEL}
    connection = reply.connection.name if reply.connection else None
    usd = None if reply.usd is None else str(reply.usd)
    known = {name: None if value == "" else value for name, value in told.items()}
    return {**facts, "connection": connection, **known, "usd": usd}


def _lines(conversation: Conversation, user: User) -> Iterator[str]:
    yield f"# {plain(conversation.title)}"
    for number, turn in enumerate(conversation.turns.all(), 1):
        yield f"## {_('Prompt')} {number}"
        yield fenced(turn.text)
        if turn.expected:
            yield f"### {_('Expected answer')}"
            yield fenced(turn.expected)
        letters = blind.letters(turn) if blind.hides_names(turn, user) else {}
        for reply in blind.sides(turn):
            yield f"### {_name(reply, letters)}"
            yield from _answer(reply)


def _name(reply: Reply, letters: Mapping[int, str]) -> str:
    """Name an answer by its model, or by its letter where names are hidden."""
    name = letters.get(reply.column_id) or plain(reply.model)
    return f"{name}, {_('answer')} {reply.sample + 1}" if reply.sample else name


def _answer(reply: Reply) -> Iterator[str]:
    if reply.status != Reply.Status.COMPLETE:
        yield f"*{plain(reply.get_status_display())}* {plain(str(reply.error))}".rstrip()
    if reply.text:
        yield fenced(reply.text)
    for call in reply.tool_calls:
        yield f"{_('Calls')} {plain(str(call.get('name', '')))}"
        yield fenced(str(call.get("arguments", "")))
