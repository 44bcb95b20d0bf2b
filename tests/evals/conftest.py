"""Models in memory that answer as they are told, in place of every provider."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from apps.providers import registry
from apps.providers.models import Connection
from apps.providers.types import ChatChunk, ChatRequest
from tests.factories import make_connection

Reply = Callable[[ChatRequest], str]


@dataclass
class Models:
    """`says[model]` makes the answer, or raises; every request is kept in `asked`."""

    says: dict[str, Reply] = field(default_factory=dict)
    asked: list[ChatRequest] = field(default_factory=list)

    async def stream_chat(self, request: ChatRequest) -> AsyncIterator[ChatChunk]:
        self.asked.append(request)
        text = self.says[request.model](request)
        for piece in (text[:3], text[3:]):
            yield ChatChunk(text=piece, model=request.model)
        yield ChatChunk(finish_reason="stop", prompt_tokens=10, completion_tokens=5)

    @asynccontextmanager
    async def open(self, _connection: Connection) -> AsyncIterator["Models"]:
        yield self


@pytest.fixture
def models(monkeypatch: pytest.MonkeyPatch) -> Models:
    answering = Models()
    monkeypatch.setattr(registry, "open_provider", answering.open)
    return answering


@pytest.fixture
def openai(owner: Any) -> Connection:
    return make_connection(workspace=owner.workspace, profile=Connection.Profile.OPENAI)
