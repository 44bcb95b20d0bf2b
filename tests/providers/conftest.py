"""A scripted provider, and the real adapter that speaks to it over HTTP."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from apps.providers.adapters.openai.adapter import OpenAIProvider
from apps.providers.adapters.openai.client import Account
from apps.providers.profiles import profile_for
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
