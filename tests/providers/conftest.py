"""Scripted providers, and the real adapters that speak to them over HTTP."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from apps.providers.adapters.openai.adapter import OpenAIProvider
from apps.providers.adapters.openai.client import Account
from apps.providers.profiles import profile_for
from tests.providers.dialects import DIALECTS, ROWS, SHAPES, Spoken, speaking
from tests.providers.fake_server import KEY, FakeServer, fresh_server


@pytest.fixture
def fake_server() -> FakeServer:
    return fresh_server()


@pytest.fixture
def trusted_network(settings: Any) -> None:
    """The fake provider listens on this machine, which the guard refuses otherwise."""
    settings.ALLOW_PRIVATE_HOSTS = True


@pytest_asyncio.fixture
async def provider(fake_server: FakeServer, trusted_network: None) -> AsyncIterator[OpenAIProvider]:
    adapter = OpenAIProvider(Account(fake_server.url, KEY), profile_for("openai"))
    yield adapter
    await adapter.close()


@pytest_asyncio.fixture(params=DIALECTS, ids=lambda dialect: dialect.name)
async def spoken(request: Any, trusted_network: None) -> AsyncIterator[Spoken]:
    """One provider after the other, with the adapter and the profile of each."""
    async with speaking(request.param) as each:
        yield each


@pytest_asyncio.fixture(params=SHAPES, ids=lambda dialect: dialect.name)
async def spoken_shape(request: Any, trusted_network: None) -> AsyncIterator[Spoken]:
    """The same, once for each adapter: profiles make no difference to the test."""
    async with speaking(request.param) as each:
        yield each


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    """A file that can be uploaded."""
    path = tmp_path / "any-name"
    path.write_bytes(ROWS)
    return path
