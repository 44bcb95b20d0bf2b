"""Answers in worker threads: stopped when nobody listens, and a bounded number at once."""

import asyncio
import itertools
from collections.abc import Callable
from threading import BoundedSemaphore
from typing import Any

import pytest

from apps.engine import replies
from apps.engine.tiny.generation import ChatModel, Reply, Sampling
from apps.engine.tiny.weights import BASE_WEIGHTS

HELLO = [{"role": "user", "content": "Hello"}]
RAMBLING = Sampling(temperature=2.0, seed=1)


def answers(*samplings: Sampling) -> Callable[[ChatModel], list[Reply]]:
    return lambda model: [model.reply(HELLO, sampling) for sampling in samplings]


async def test_an_answer_that_nobody_reads_any_more_is_not_written_to_its_end() -> None:
    very_long: Any = itertools.repeat("a", 50_000_000)
    live = replies.LiveReply(very_long)
    loop = asyncio.get_running_loop()
    writing = loop.run_in_executor(None, live.write, loop)
    async for _ in live:
        live.close()  # the first piece is enough; the rest is dropped
    await writing
    assert next(very_long) == "a"  # and so on: nobody took the rest


async def test_more_answers_than_may_wait_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replies, "MOST_WAITING", -replies.AT_ONCE)
    with pytest.raises(replies.TooBusy):
        await replies.begin(BASE_WEIGHTS, answers(RAMBLING))


async def test_many_answers_at_once_all_come_to_their_end() -> None:
    certain = Sampling(temperature=0)
    lives = await replies.begin(BASE_WEIGHTS, answers(*[certain] * 8))
    texts = await asyncio.gather(*(read(live) for live in lives))
    assert set(texts) == {texts[0]}
    assert texts[0]


async def read(live: replies.LiveReply) -> str:
    return "".join([piece async for piece in live])


async def test_of_several_answers_all_begin_or_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replies, "_unfinished", set())  # another test's may still be ending
    monkeypatch.setattr(replies, "MOST_WAITING", 1 - replies.AT_ONCE)
    with pytest.raises(replies.TooBusy):
        await replies.begin(BASE_WEIGHTS, answers(RAMBLING, RAMBLING))
    (only,) = await replies.begin(BASE_WEIGHTS, answers(RAMBLING))
    assert await read(only)


async def test_more_vectors_than_may_wait_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replies, "_embedding", BoundedSemaphore(1))
    first = asyncio.create_task(replies.vectors(BASE_WEIGHTS, ["x" * 2000]))
    await asyncio.sleep(0)
    with pytest.raises(replies.TooBusy):
        await replies.vectors(BASE_WEIGHTS, ["a"])
    assert len(await first) == 1
    assert len(await replies.vectors(BASE_WEIGHTS, ["a"])) == 1
