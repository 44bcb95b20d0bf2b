"""How often an answer is taken in while very many arrive; the beat is the test's own."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from apps.providers.adapters import pace


class Arriving:
    """An answer that gathers, as a socket does, until it is taken."""

    def __init__(self) -> None:
        self.parts = [b"1 "]

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while self.parts:
            gathered, self.parts = b"".join(self.parts), []
            yield gathered


async def test_among_many_what_comes_within_a_beat_is_taken_at_once_but_not_the_first_parts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    source, taken = Arriving(), []
    within_beats = [[b"3 ", b"4 "], [b"5 "], []]

    async def beat(_seconds: float) -> None:
        source.parts += within_beats.pop(0)

    monkeypatch.setattr(asyncio, "sleep", beat)
    monkeypatch.setattr(pace, "FIRST_PARTS", 2)
    monkeypatch.setattr(pace, "MANY", 0)
    async for part in pace.paced(aiter(source)):
        taken.append(part)
        source.parts += [b"2 "] if part == b"1 " else []
    assert taken == [b"1 ", b"2 ", b"3 4 ", b"5 "]
    assert within_beats == []


async def test_answers_that_were_left_do_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "FIRST_PARTS", 1)
    monkeypatch.setattr(pace, "MANY", 1)
    monkeypatch.setattr(asyncio, "sleep", _no_beat)
    left = pace.paced(aiter(Arriving()))
    await anext(left)
    await left.aclose()
    assert [part async for part in pace.paced(aiter(Arriving()))] == [b"1 "]


async def _no_beat(_seconds: float) -> None:
    pytest.fail("rested")
