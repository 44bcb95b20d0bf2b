"""Answers written in worker threads: a bounded number at once, stopped when nobody listens."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from threading import BoundedSemaphore, Event

from apps.engine.tiny.embedding import embed
from apps.engine.tiny.generation import ChatModel, Reply
from apps.engine.tiny.layers import Array

AT_ONCE = 4
MOST_WAITING = 64
MOST_EMBEDDING = 16  # requests for vectors, of which one is worked on
MODELS_IN_MEMORY = 16  # about 4 MB each
SECONDS_PER_PIECE = 0.015

_writers = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="reply")
_loaders = ThreadPoolExecutor(1, thread_name_prefix="load")
_embedders = ThreadPoolExecutor(1, thread_name_prefix="embed")
_unfinished: set["LiveReply"] = set()
_embedding = BoundedSemaphore(MOST_EMBEDDING)


class TooBusy(Exception):
    """More answers are wanted than may wait."""


@lru_cache(maxsize=MODELS_IN_MEMORY)
def load_model(path: Path) -> ChatModel:
    """Return a model, from memory when it was used lately."""
    return ChatModel.load(path)


@dataclass(eq=False)
class LiveReply:
    """An answer being written. Iterate over its pieces; close it to stop the writing."""

    reply: Reply
    pieces: "asyncio.Queue[str | Exception | None]" = field(default_factory=asyncio.Queue)
    is_abandoned: Event = field(default_factory=Event)

    async def __aiter__(self) -> AsyncIterator[str]:
        while (piece := await self.pieces.get()) is not None:
            if isinstance(piece, Exception):
                raise piece
            yield piece

    def close(self) -> None:
        """Stop writing; harmless when the answer is complete."""
        self.is_abandoned.set()

    def write(self, loop: asyncio.AbstractEventLoop) -> None:
        """Write the answer to its end (in a worker thread), a few characters at a time."""
        try:
            for piece in self._grouped():
                loop.call_soon_threadsafe(self.pieces.put_nowait, piece)
        except Exception as error:  # noqa: BLE001  (handed to whoever reads the pieces)
            self._end(loop, error)
        else:
            self._end(loop, None)

    def _end(self, loop: asyncio.AbstractEventLoop, error: Exception | None) -> None:
        with suppress(RuntimeError):  # the loop is closed: the server is stopping
            loop.call_soon_threadsafe(self.pieces.put_nowait, error)
            loop.call_soon_threadsafe(_unfinished.discard, self)

    def _grouped(self) -> Iterator[str]:
        """Yield what was written within a moment as one piece, the first character at once."""
        gathered, sent_at = "", 0.0
        for text in self.reply:
            if self.is_abandoned.is_set():
                return
            gathered += text
            if time.monotonic() - sent_at > SECONDS_PER_PIECE:
                yield gathered
                gathered, sent_at = "", time.monotonic()
        if gathered:
            yield gathered


async def begin(path: Path, ask: Callable[[ChatModel], Sequence[Reply]]) -> list[LiveReply]:
    """Begin answers, all or none. Raises at once what is wrong with what was asked, or TooBusy."""
    loop = asyncio.get_running_loop()
    model = await loop.run_in_executor(_loaders, load_model, path)
    lives = [LiveReply(reply) for reply in ask(model)]
    if len(_unfinished) + len(lives) > AT_ONCE + MOST_WAITING:
        raise TooBusy
    _unfinished.update(lives)
    for live in lives:
        loop.run_in_executor(_writers, live.write, loop)
    return lives


async def vectors(path: Path, texts: Sequence[str]) -> Array:
    """Return the vectors of texts, made in a worker thread; raises TooBusy."""
    if not _embedding.acquire(blocking=False):
        raise TooBusy
    loop = asyncio.get_running_loop()
    try:
        model = await loop.run_in_executor(_loaders, load_model, path)
        return await loop.run_in_executor(_embedders, embed, model, texts)
    finally:
        _embedding.release()
