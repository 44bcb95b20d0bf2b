"""Lists of models: kept for forms, which wait once for whoever is away."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest

from apps.accounts.models import Membership
from apps.providers import registry
from apps.providers.models import Connection
from apps.providers.services import known_models, listed_models, listing
from apps.providers.types import ModelInfo, ProviderUnavailable
from tests.factories import make_connection

pytestmark = pytest.mark.django_db


@dataclass
class Server:
    """Lists what it has, or is away."""

    has: list[str] | None = None
    asked: int = 0

    async def list_models(self) -> list[ModelInfo]:
        self.asked += 1
        if self.has is None:
            raise ProviderUnavailable("Connection refused")
        return [ModelInfo(id=model) for model in self.has]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Server:
    found = Server()

    @asynccontextmanager
    async def opened(_connection: Connection) -> AsyncIterator[Server]:
        yield found

    monkeypatch.setattr(registry, "open_provider", opened)
    return found


@pytest.fixture
def connection(owner: Membership) -> Connection:
    return make_connection(workspace=owner.workspace)


def test_forms_wait_once_for_a_server_that_is_away(connection, server):
    for _ in range(8):  # as many judges as a suite may have
        listed_models(connection)
    assert server.asked == 1


def test_a_list_from_before_an_upgrade_is_not_read(connection, server, monkeypatch):
    @dataclass(frozen=True)
    class Former(ModelInfo):
        context_window: int = 0

    server.has = ["llama-small"]
    with monkeypatch.context() as before:
        before.setattr(listing, "ModelInfo", Former)
        before.setattr("tests.providers.test_listing.ModelInfo", Former)
        assert [model.id for model in listed_models(connection)] == ["llama-small"]
    assert "llama-small" not in [model.id for model in known_models(connection)]
    assert [model.id for model in listed_models(connection)] == ["llama-small"]
