"""The scripted provider in OpenAI's shape, under the names that most tests use."""

from tests.providers.scripted import CREATED, KEY, OpenAIScript, Seen, fresh
from tests.providers.scripted.chat import chunk as chat_chunk
from tests.providers.scripted.openai import error, model

FakeServer = OpenAIScript

__all__ = ["CREATED", "KEY", "FakeServer", "Seen", "chat_chunk", "error", "fresh_server", "model"]


def fresh_server() -> OpenAIScript:
    """Return the scripted provider of this process, running and empty."""
    return fresh(OpenAIScript)
