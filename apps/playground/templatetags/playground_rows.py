"""How rows of datasets, and the answers that they expect, look in the playground."""

import json
from collections.abc import Sequence
from typing import Any

from django import template

from apps.datasets.rows import calls
from apps.datasets.rows.bubbles import Talk, talk_of
from apps.playground.models import Reply
from apps.playground.showing.matching import Match, match

register = template.Library()


@register.filter
def as_json(value: Any) -> str:
    """Write a value as people type it."""
    return json.dumps(value, ensure_ascii=False, indent=2)


@register.filter
def as_talks(messages: Sequence[Any]) -> list[Talk]:
    """Make bubbles of messages that follow each other."""
    return [talk_of(messages)] if messages else []


@register.filter
def said(reply: Reply) -> str:
    """Return what is compared with the expected answer: the words, or the calls of tools."""
    if not reply.tool_calls:
        return reply.text
    return calls.as_text((call["name"], call["arguments"]) for call in reply.tool_calls)


@register.filter
def matches(said: str, expected: str) -> Match:
    """Say whether an answer is the expected one."""
    return match(expected, said)
