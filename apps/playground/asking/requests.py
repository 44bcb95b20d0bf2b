"""What is sent for a reply: as it was frozen when its prompt was sent, fitted to its model."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from apps.library.asking import separators
from apps.playground.asking import history
from apps.playground.models import Reply
from apps.providers.models import Connection
from apps.providers.profiles import Profile, chat_parameters, profile_for
from apps.providers.profiles.prices import base_of
from apps.providers.types import ChatRequest, CompletionRequest

Request = ChatRequest | CompletionRequest
NOT_OF_PROMPTS = {"response_format", "tools"}


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, and which of the chosen parameters it leaves out."""

    request: Request
    left_out: list[str] = field(default_factory=list)


def chat_request(reply: Reply) -> ChatRequest:
    """Return this reply's conversation with all chosen settings, whatever its model takes."""
    return _chat(reply, history.earlier_of([reply])[reply.column_id])


def asked_for(reply: Reply, earlier: Sequence[Reply], base: str) -> Asked:
    """Return what to send; `earlier` is what its column has answered before.

    `base` is that of the tuned model behind the name, where there is one.
    """
    connection = reply.connection
    if connection is None:
        return Asked(_chat(reply, earlier))
    profile = profile_for(connection.profile)  # its workspace knows only prices and dates better
    if _tells_its_base(profile, reply.model):
        base = ""
    if not chat_parameters.is_legacy(profile, reply.model, base=base):
        fitted, left_out = chat_parameters.fitted(_chat(reply, earlier), profile, base=base)
        return Asked(fitted, left_out)
    prompt = _completion(reply, connection)
    request, left_out = chat_parameters.fitted(prompt, profile, base=base)
    left_out += sorted(NOT_OF_PROMPTS & _settings(reply).keys())
    return Asked(request, left_out)


def _tells_its_base(profile: Profile, model: str) -> bool:
    """Say whether the name is enough to know a model by: a deployment has its own."""
    return base_of(model) != model or model in profile.base_models


def _chat(reply: Reply, earlier: Sequence[Reply]) -> ChatRequest:
    settings = _settings(reply)
    system_prompt = settings.pop("system_prompt", "")
    settings.pop("separator", "")  # for models that only complete
    messages = history.messages_for(reply, earlier, system_prompt)
    return ChatRequest(model=reply.model, messages=messages, **settings)


def _completion(reply: Reply, connection: Connection) -> CompletionRequest:
    """Return a prompt that ends as those of the training data. Nothing said before is in it."""
    settings = _settings(reply)
    parts = [settings.pop("system_prompt", ""), reply.turn.text]
    ends = separators.ends_for(connection, reply.model, job=reply.turn.conversation.job)
    ends = replace(ends, separator=settings.pop("separator", "") or ends.separator)
    known = CompletionRequest.__dataclass_fields__
    chosen = {name: value for name, value in settings.items() if name in known}
    if ends.stop and "stop" not in chosen:
        chosen["stop"] = [ends.stop]
    prompt = separators.with_separator("\n\n".join(part for part in parts if part), ends)
    return CompletionRequest(model=reply.model, prompt=prompt, **chosen)


def _settings(reply: Reply) -> dict[str, Any]:
    """Return what was frozen at sending; rows from before that took the conversation's."""
    if reply.settings:
        return dict(reply.settings)
    names = ("system_prompt", "temperature", "top_p", "max_tokens")
    return {name: getattr(reply.turn.conversation, name) for name in names}
