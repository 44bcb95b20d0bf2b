"""A question that follows soon goes over the socket of the last one, with its own key."""

import asyncio
from collections.abc import Iterator
from typing import Any

import aiohttp
import httpx2
import pytest

from apps.providers.adapters import sockets
from apps.providers.adapters.account import Account
from apps.providers.adapters.openai.adapter import OpenAIProvider
from apps.providers.profiles import profile_for
from apps.providers.types import ChatRequest, ProviderError, ProviderUnavailable
from tests.providers.fake_server import KEY, FakeServer, fresh_server

ASK = ChatRequest("tiny-chat-1m", [{"role": "user", "content": "Hi"}])


@pytest.fixture
def server(settings: Any) -> Iterator[FakeServer]:
    settings.ALLOW_PRIVATE_HOSTS = True
    server = fresh_server()
    yield server
    server.hold_reply.set()


async def ask(server: FakeServer, *, key: str = KEY, pieces: int | None = None) -> list[str]:
    """Ask as a reply does, by an adapter of its own; leave after so many pieces."""
    account = Account(server.url, key, keeps_sockets=True)
    provider = OpenAIProvider(account, profile_for("openai"))
    texts: list[str] = []
    chunks = provider.stream_chat(ASK)
    try:
        async for chunk in chunks:
            texts.append(chunk.text)
            if len(texts) == pieces:
                break
    finally:
        await chunks.aclose()  # type: ignore[attr-defined]
        await provider.close()
    return texts


def ports(server: FakeServer) -> int:
    """Return over how many connections the requests came."""
    return len({seen.came_from for seen in server.requests})


async def test_the_next_question_takes_the_same_socket(server: FakeServer) -> None:
    assert "".join(await ask(server)) == "Hello!"
    assert "".join(await ask(server)) == "Hello!"
    assert (len(server.requests), ports(server)) == (2, 1)


async def test_each_question_carries_its_own_key(server: FakeServer) -> None:
    await ask(server)
    with pytest.raises(ProviderError):
        await ask(server, key="another")
    told = [seen.headers["authorization"] for seen in server.requests]
    assert (told, ports(server)) == ([f"Bearer {KEY}", "Bearer another"], 1)


async def test_an_answer_that_was_left_takes_its_socket_along(server: FakeServer) -> None:
    server.hold_reply.clear()
    assert await ask(server, pieces=1) == ["Hel"]
    server.hold_reply.set()
    assert "".join(await ask(server)) == "Hello!"
    assert ports(server) == 2


async def test_a_socket_that_the_server_closed_is_not_used_again(server: FakeServer) -> None:
    await ask(server)
    server.break_next("POST", "/v1/chat/completions", reset=True)
    with pytest.raises(ProviderUnavailable):
        await ask(server)
    assert "".join(await ask(server)) == "Hello!"
    assert ports(server) == 2


async def test_an_address_that_is_not_public_is_refused_as_ever(
    server: FakeServer, settings: Any
) -> None:
    await ask(server)
    settings.ALLOW_PRIVATE_HOSTS = False
    with pytest.raises(ProviderError, match="private network"):
        await ask(server)
    assert len(server.requests) == 1


def test_kept_sockets_end_with_their_event_loop(server: FakeServer) -> None:
    async def asked() -> aiohttp.TCPConnector:
        await ask(server)
        return await sockets.kept(httpx2.URL(server.url))

    assert asyncio.run(asked()).closed
    assert asyncio.run(asked()).closed
    assert ports(server) == 2
