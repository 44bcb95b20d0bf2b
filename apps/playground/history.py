"""What a model is asked: its own conversation so far, and the parameters."""

from typing import Any

from apps.playground.models import Reply
from apps.providers.types import ChatRequest

Message = dict[str, str]


def chat_request(reply: Reply) -> ChatRequest:
    """Return the request for this reply. Each column remembers only its own answers."""
    settings = _settings(reply)
    system_prompt = settings.pop("system_prompt")
    return ChatRequest(
        model=reply.model,
        messages=[*_system(system_prompt), *_said(reply), _user(reply.turn.text)],
        **settings,
    )


def _settings(reply: Reply) -> dict[str, Any]:
    """Return what was frozen at sending; rows from before that took the conversation's."""
    if reply.settings:
        return dict(reply.settings)
    names = ("system_prompt", "temperature", "top_p", "max_tokens")
    return {name: getattr(reply.turn.conversation, name) for name in names}


def _system(prompt: str) -> list[Message]:
    return [{"role": "system", "content": prompt}] if prompt else []


def _user(text: str) -> Message:
    return {"role": "user", "content": text}


def _said(reply: Reply) -> list[Message]:
    """Earlier turns. One that got no answer is left out: many models insist on taking turns."""
    earlier = Reply.objects.filter(
        column_id=reply.column_id, turn__position__lt=reply.turn.position
    ).exclude(text="")
    messages: list[Message] = []
    for question, answer in earlier.order_by("turn__position").values_list("turn__text", "text"):
        messages += [_user(question), {"role": "assistant", "content": answer}]
    return messages
