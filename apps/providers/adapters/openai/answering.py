"""What models are asked in OpenAI's format: conversations, prompts, vectors."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from functools import partial
from typing import Any

import httpx2
import openai

from apps.providers.adapters import answers
from apps.providers.adapters.event_stream import read_events
from apps.providers.adapters.fields import Object
from apps.providers.adapters.http import STREAM
from apps.providers.adapters.openai import chunks, requests, vectors
from apps.providers.adapters.openai.errors import SDKTranslator
from apps.providers.adapters.reader import Answer, Reader
from apps.providers.profiles import Profile
from apps.providers.types import (
    ChatChunk,
    ChatRequest,
    CompletionRequest,
    Embeddings,
    ProviderError,
    ProviderUnavailable,
    not_offered,
)

CHAT, COMPLETIONS = ("chat", "completions"), ("completions",)
EMBED_SECONDS = 120.0  # for one answer; a small machine takes long for many texts

Read = Callable[[Any], ChatChunk]


class Answering:
    """Asks by the connections of one client; closing a stream closes its request."""

    def __init__(
        self,
        client: Callable[[], openai.AsyncOpenAI],
        reader: Reader,
        translate: SDKTranslator,
        profile: Profile,
    ) -> None:
        self._client = client
        self._reader = reader
        self._translate = translate
        self._profile = profile

    def stream_chat(self, request: ChatRequest) -> AsyncIterator[ChatChunk]:
        """Yield the answer to a conversation as it comes."""
        read = partial(chunks.chat_chunk, with_logprobs=request.top_logprobs is not None)
        return self._stream(CHAT, requests.chat_fields(request, self._profile), read)

    def stream_completion(self, request: CompletionRequest) -> AsyncIterator[ChatChunk]:
        """Yield what follows a prompt as it comes. Raises at once where nobody completes any."""
        if not self._profile.capabilities.completions:
            raise not_offered()
        read = partial(chunks.completion_chunk, with_logprobs=request.top_logprobs is not None)
        return self._stream(COMPLETIONS, requests.completion_fields(request), read)

    async def embed(self, model: str, texts: Sequence[str]) -> Embeddings:
        """Return one vector per text, in their order. Many texts are asked for in several calls."""
        if not self._profile.capabilities.embeddings:
            raise not_offered()
        found: list[Sequence[float]] = []
        tokens: list[int | None] = []
        for part in vectors.parts(texts, self._profile.embeds_at_once):
            answer = await self._vectors_of(model, part)
            found += self._checked(answer, len(part), like=found)
            tokens.append(vectors.prompt_tokens(answer))
        told = [each for each in tokens if each is not None]
        return Embeddings(found, sum(told) if len(told) == len(tokens) else None)

    async def _vectors_of(self, model: str, texts: Sequence[str]) -> Object:
        # An empty text is refused by most; a space says as little.
        body = {"model": model, "input": [text or " " for text in texts]}
        with self._translate.errors():
            async with asyncio.timeout(EMBED_SECONDS):
                response = await self._client().post(
                    "/embeddings",
                    body=body,
                    options={"timeout": STREAM},
                    cast_to=httpx2.Response,
                )
            answer = answers.read(response.content)
        if not isinstance(answer, dict):
            raise self._translate.garbage()
        return answer

    def _checked(
        self, answer: Object, texts: int, *, like: Sequence[Sequence[float]]
    ) -> list[Sequence[float]]:
        """Return the vectors, as many as there are texts, all as long as those before them."""
        found = vectors.vectors(answer, texts)
        if not found or (like and len(found[0]) != len(like[0])):
            raise self._translate.garbage()
        return found

    async def _stream(
        self, path: Sequence[str], fields: Mapping[str, Any], read: Read
    ) -> AsyncIterator[ChatChunk]:
        """Yield the pieces of an answer.

        They are read past the SDK, whose models alone cost ten times as much per token.
        """
        is_silent = is_cut_off = True
        with self._translate.errors():
            async with self._reader.post(*path, body=fields) as pieces:
                if not pieces.is_success:
                    raise self._refusal(await pieces.whole())
                async for data in read_events(pieces):
                    if data.startswith(b"[DONE]"):
                        is_cut_off = False
                        break
                    chunk = read(self._piece(data))
                    is_silent, is_cut_off = False, is_cut_off and not chunk.finish_reason
                    yield chunk
        if is_silent:
            raise self._translate.garbage()
        if is_cut_off:
            raise self._translate.cut_off()

    def _refusal(self, answer: Answer) -> ProviderError | ProviderUnavailable:
        told = answers.read_or_text(answer.content)
        return self._translate.refused(answer.status, told, answer.headers)

    def _piece(self, data: bytes) -> Any:
        payload = answers.parse(data)
        if isinstance(payload, dict) and (error := payload.get("error")):
            raise self._translate.in_answer(error)
        return payload
