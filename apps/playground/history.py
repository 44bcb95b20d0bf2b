"""What a model is asked: its own conversation so far, and the parameters."""

from apps.playground.models import Reply
from apps.providers.types import ChatRequest

Message = dict[str, str]


def chat_request(reply: Reply) -> ChatRequest:
    """Return the request for this reply. Each column remembers only its own answers."""
    conversation = reply.turn.conversation
    return ChatRequest(
        model=reply.model,
        messages=[*_system(conversation.system_prompt), *_said(reply), _user(reply.turn.text)],
        temperature=conversation.temperature,
        top_p=conversation.top_p,
        max_tokens=conversation.max_tokens,
    )


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
