"""Models in memory that answer as they are told, in place of every provider."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse

from apps.providers import registry
from apps.providers.models import Connection
from apps.providers.types import (
    ChatChunk,
    ChatRequest,
    CompletionRequest,
    Embeddings,
    ModelInfo,
    ProviderError,
    TokenLogprob,
    ToolCallPiece,
)
from tests.evals.typed import typed
from tests.factories import make_connection, make_tuned_model, make_version

Reply = Callable[[ChatRequest], str]


@dataclass
class Models:
    """`says[model]` makes the answer, or raises; every request is kept in `asked`."""

    says: dict[str, Reply] = field(default_factory=dict)
    asked: list[ChatRequest] = field(default_factory=list)
    prompted: list[CompletionRequest] = field(default_factory=list)
    usage: tuple[int, int] = (10, 5)
    logprobs: Sequence[TokenLogprob] = ()
    calls: Sequence[ToolCallPiece] = ()  # of whoever is offered tools
    meant: Callable[[str], Sequence[float]] = lambda text: [1.0, float(len(text))]
    embedded: list[str] = field(default_factory=list)
    listed: Sequence[str] = ()
    refusal: ProviderError | None = None  # of the connection itself

    async def list_models(self) -> list[ModelInfo]:
        if self.refusal:
            raise self.refusal
        return [ModelInfo(id=model) for model in self.listed]

    async def stream_chat(self, request: ChatRequest) -> AsyncIterator[ChatChunk]:
        self.asked.append(request)
        text = self.says[request.model](request)
        told = self.logprobs if request.top_logprobs is not None else ()
        for piece in (text[:3], text[3:]):
            yield ChatChunk(text=piece, model=request.model, logprobs=told)
        if request.tools:
            yield ChatChunk(tool_calls=tuple(self.calls))
        prompt, completion = self.usage
        yield ChatChunk(finish_reason="stop", prompt_tokens=prompt, completion_tokens=completion)

    async def stream_completion(self, request: CompletionRequest) -> AsyncIterator[ChatChunk]:
        self.prompted.append(request)
        yield ChatChunk(text=" Aye.", model=request.model)
        yield ChatChunk(finish_reason="stop", prompt_tokens=3, completion_tokens=2)

    async def embed(self, _model: str, texts: Sequence[str]) -> Embeddings:
        self.embedded += texts
        return Embeddings([self.meant(text) for text in texts], prompt_tokens=10 * len(texts))

    @asynccontextmanager
    async def open(self, _connection: Connection) -> AsyncIterator["Models"]:
        if self.refusal:
            raise self.refusal
        yield self


@pytest.fixture
def models(monkeypatch: pytest.MonkeyPatch) -> Models:
    answering = Models()
    monkeypatch.setattr(registry, "open_provider", answering.open)
    return answering


@pytest.fixture
def openai(owner: Any) -> Connection:
    connection = make_connection(workspace=owner.workspace, profile=Connection.Profile.OPENAI)
    base = "gpt-4o-2024-08-06"
    make_tuned_model(
        workspace=owner.workspace,
        connection=connection,
        name=f"ft:{base}:harbour::1",
        base_model=base,
    )
    return connection


@pytest.fixture
def version(owner):
    return make_version(workspace=owner.workspace)


@pytest.fixture
def create(client, version):
    """Send the form of a suite with these graders."""

    def send(*graders, address="evals:create", **fields):
        data = {
            "form_token": str(uuid4()),
            "source": "rows",
            "dataset": str(version.public_id),
            "count": "100",
            "seed": "1",
            **typed(*graders),
            **fields,
        }
        return client.post(reverse(address), data)

    return send
