"""Retune's own ASGI application over real HTTP, and a scripted provider behind it."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import uvicorn
from django.test import Client

from apps.accounts.models import Membership
from apps.providers.models import Connection
from tests.factories import make_connection
from tests.providers.fake_server import KEY, FakeServer, fresh_server


@pytest.fixture
def provider(settings: Any) -> FakeServer:
    """The provider listens on this machine, which the guard refuses otherwise."""
    settings.ALLOW_PRIVATE_HOSTS = True
    return fresh_server()


@pytest.fixture
def connection(owner: Membership, provider: FakeServer) -> Connection:
    return make_connection(
        workspace=owner.workspace, name="Test provider", base_url=provider.url, key=KEY
    )


@dataclass
class Site:
    """The running application."""

    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def cookies_of(self, browser: Client) -> dict[str, str]:
        return {name: morsel.value for name, morsel in browser.cookies.items()}


@pytest.fixture(scope="session")
def _server() -> Iterator[int]:
    from config.asgi import application

    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    config = uvicorn.Config(application, lifespan="off", log_level="warning", ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(
        target=lambda: asyncio.run(server.serve(sockets=[listener])), daemon=True
    )
    thread.start()
    yield listener.getsockname()[1]
    server.should_exit = True
    thread.join(timeout=5)


@pytest.fixture
def site(_server: int, transactional_db: None) -> Site:
    return Site(_server)
