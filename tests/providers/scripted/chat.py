"""Streamed answers, the same in every shape: all services answer chat in OpenAI's format."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator
from typing import Any, Protocol

from tests.providers.scripted.http import Seen
from tests.providers.scripted.shelf import Thing

CREATED = 1_795_000_000


class Hold(threading.Event):
    """Set unless a test clears it to stop the stream after its first piece."""

    def __init__(self) -> None:
        super().__init__()
        self.set()


class Talks(Protocol):
    """What a script needs to be chatted with."""

    reply: list[str]
    chunks: list[Any] | None
    hold_reply: Hold


async def stream(script: Talks, seen: Seen) -> AsyncIterator[bytes]:
    """Yield the answer as server-sent events."""
    chunks = script.chunks if script.chunks is not None else _chunks(script.reply, seen)
    for number, chunk in enumerate(chunks):
        if number:
            await _until_released(script.hold_reply)
        text = chunk if isinstance(chunk, str) else json.dumps(chunk)
        yield f"data: {text}\n\n".encode()
    yield b"data: [DONE]\n\n"


async def _until_released(hold: Hold) -> None:
    if not hold.is_set():
        await asyncio.to_thread(hold.wait, 10)


def chunk(text: str = "", **fields: Any) -> Thing:
    """Return one chunk of a streamed answer."""
    choice = {"index": 0, "delta": {"content": text}, "finish_reason": None, "logprobs": None}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": CREATED,
        "model": "tiny-chat-1m",
        "system_fingerprint": "fp_test",
        "choices": [choice],
        "usage": None,
    } | fields


def _chunks(reply: list[str], seen: Seen) -> list[Thing]:
    asked = seen.json()["model"]
    chunks = [chunk(text, model=asked) for text in reply]
    end = {"index": 0, "delta": {}, "finish_reason": "stop", "logprobs": None}
    usage = {"prompt_tokens": 7, "completion_tokens": len(reply), "total_tokens": 7 + len(reply)}
    last = chunk(model=asked, choices=[end])
    return [*chunks, last, chunk(model=asked, choices=[], usage=usage)]
