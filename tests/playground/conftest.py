"""Retune's own ASGI application over real HTTP, and a scripted provider behind it."""

from collections.abc import Iterator
from typing import Any

import pytest

from apps.accounts.models import Membership
from apps.playground.asking import journal, streaming
from apps.providers.models import Connection
from tests.factories import make_connection
from tests.playground.site import Site
from tests.providers.fake_server import KEY, FakeServer, fresh_server
from tests.served import served_application


@pytest.fixture
def provider(settings: Any) -> Iterator[FakeServer]:
    """The provider listens on this machine, which the guard refuses otherwise."""
    settings.ALLOW_PRIVATE_HOSTS = True
    server = fresh_server()
    yield server
    server.hold_reply.set()


@pytest.fixture
def connection(owner: Membership, provider: FakeServer) -> Connection:
    return make_connection(
        workspace=owner.workspace, name="Test provider", base_url=provider.url, key=KEY
    )


@pytest.fixture
def _hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "SAVE_SECONDS", 0.02)
    monkeypatch.setattr(streaming, "FOLLOW_SECONDS", 0.02)
    monkeypatch.setattr(streaming, "LINGER_SECONDS", 0.05)
    monkeypatch.setattr(streaming, "LOOK_SECONDS", 0.02)


@pytest.fixture
def site(_served: str, _hurried: None, transactional_db: None) -> Site:
    return Site(_served)


@pytest.fixture(scope="session")
def _served(django_db_setup: None) -> Iterator[str]:
    with served_application() as address:
        yield address
