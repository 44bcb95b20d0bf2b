"""The engine's own tests speak to it as everybody does: with the stock SDK, over HTTP."""

import pytest
from openai import OpenAI

from apps.accounts.models import Workspace
from tests.engine_server import Engine, _listening_engine, engine, trainer  # noqa: F401
from tests.factories import chat_file, make_workspace


@pytest.fixture
def workspace(engine: Engine) -> Workspace:  # noqa: F811
    return make_workspace(name="Acme Labs")


@pytest.fixture
def sdk(engine: Engine, workspace: Workspace) -> OpenAI:  # noqa: F811
    return engine.client(workspace)


@pytest.fixture
def long_file(sdk: OpenAI) -> str:
    """The id of an uploaded file of so many chats that no machine is done before the test is."""
    return sdk.files.create(file=("train.jsonl", chat_file(200)), purpose="fine-tune").id


@pytest.fixture
def training_file(sdk: OpenAI) -> str:
    """The id of an uploaded file of twelve chats."""
    return sdk.files.create(file=("train.jsonl", chat_file()), purpose="fine-tune").id
