"""The parts of a row that training turns on: question, answer, system prompt (pure)."""

from dataclasses import dataclass
from typing import Any

from apps.datasets.check.kinds import in_the_guides_words

SYSTEM = ("system", "developer")


@dataclass(frozen=True, slots=True)
class Conversation:
    """What was said. None where a row has no such part."""

    question: str | None
    answer: str | None
    system: str | None
    spoken: str  # everything but the system prompt, which many rows share


def conversation_of(row: dict[str, Any]) -> Conversation:
    """Read a row of any kind, however strange its shape is."""
    messages = row.get("messages")
    if isinstance(messages, list):
        return _chat([message for message in messages if isinstance(message, dict)])
    if "prompt" in row or "completion" in row:
        asked, answered = text_of(row.get("prompt")), text_of(row.get("completion"))
        return Conversation(asked, answered, None, f"{asked or ''}\n{answered or ''}")
    return _preference(in_the_guides_words(row))


def _preference(row: dict[str, Any]) -> Conversation:
    """A preference row teaches its preferred output."""
    put_in = row.get("input")
    before = put_in.get("messages") if isinstance(put_in, dict) else None
    preferred = row.get("preferred_output")
    lists = [part for part in (before, preferred) if isinstance(part, list)]
    return _chat([message for part in lists for message in part if isinstance(message, dict)])


def _chat(messages: list[dict[str, Any]]) -> Conversation:
    question = answer = system = None
    spoken = []
    for message in messages:
        role, text = message.get("role"), text_of(message.get("content"))
        if role in SYSTEM:
            system = text if system is None else system
            continue
        if text:
            spoken.append(text)
        if role == "user" and text is not None:
            question = text
        elif role == "assistant" and text is not None:
            answer = text
    return Conversation(question, answer, system, "\n".join(spoken))


def text_of(content: Any) -> str | None:
    """Return a content as text; None where there is none."""
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        return None
    texts = [part.get("text") for part in content if isinstance(part, dict)]
    return "\n".join(text for text in texts if isinstance(text, str)) or None
