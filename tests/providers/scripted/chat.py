"""Conversations, prompts and vectors, the same in every shape: all services have OpenAI's format.

    script.reply = ["Hel", "lo", "!"]       # the pieces of every answer
    script.says = lambda asked: "Hello"     # or what to answer to this body of a request
    script.tool_calls = [{"name": "add", "arguments": '{"a": 1}'}]  # told to those with tools
    script.chunks = [chunk("Hi"), "{"]      # or exactly this, streamed
    script.hold_reply.clear()               # the stream pauses after its first piece

Probabilities and vectors are made of the texts and the seed: the same again for the same request.
"""

import asyncio
import json
import math
import re
import threading
import zlib
from collections.abc import AsyncIterator, Callable, Iterator
from itertools import accumulate
from typing import Any, ClassVar

from tests.providers.scripted.http import Answer, Seen
from tests.providers.scripted.script import CREATED, Script, route
from tests.providers.scripted.shelf import Thing

BELOW = "(?:/inference)?/v1"
PROMPT_TOKENS = 7
DIMENSIONS = 32
MOST_TEXTS = 2048


class Hold(threading.Event):
    """Set unless a test clears it to stop the stream after its first piece."""

    def __init__(self) -> None:
        super().__init__()
        self.set()


class Talking(Script):
    """A provider that answers. `LOGPROBS`: whose shape probabilities have, openai or together."""

    LOGPROBS: ClassVar[str] = "openai"
    EMBEDS_AT_ONCE: ClassVar[int] = MOST_TEXTS

    def reset(self) -> None:
        super().reset()
        self.reply = ["Hel", "lo", "!"]
        self.says: Callable[[Thing], str] | None = None
        self.tool_calls: list[Thing] = []
        self.chunks: list[Any] | None = None
        self.hold_reply = Hold()

    @route("POST", f"{BELOW}/chat/completions")
    def chat_completions(self, seen: Seen) -> Any:
        return self._answered(seen.json(), _chat_chunks(self, seen.json()), "message")

    @route("POST", f"{BELOW}/completions")
    def complete(self, seen: Seen) -> Any:
        return self._answered(seen.json(), _completion_chunks(self, seen.json()), "text")

    @route("POST", f"{BELOW}/embeddings")
    def embed(self, seen: Seen) -> Any:
        asked = seen.json()
        texts = [asked["input"]] if isinstance(asked["input"], str) else asked["input"]
        if not all(texts) or len(texts) > self.EMBEDS_AT_ONCE:
            return 400, self.refusal(400, "'$.input' is invalid.")
        data = [
            {"object": "embedding", "index": place, "embedding": vector(text)}
            for place, text in enumerate(texts)
        ]
        usage = {"prompt_tokens": sum(map(_tokens, texts)), "total_tokens": 0}
        return 200, {"object": "list", "data": data, "model": asked["model"], "usage": usage}

    def _answered(self, asked: Thing, chunks: list[Thing], kind: str) -> Any:
        if asked.get("stream"):
            told = self.chunks if self.chunks is not None else chunks
            return Answer(stream=_streamed(told, self.hold_reply))
        return 200, _whole(chunks, kind)

    def pieces_for(self, asked: Thing) -> tuple[list[str], str]:
        """Return the pieces of the answer and why it ends."""
        pieces = self._said(asked)
        most = asked.get("max_completion_tokens") or asked.get("max_tokens") or len(pieces)
        shorter = _up_to_stop(pieces[:most], asked.get("stop") or [])
        return shorter, "length" if most < len(pieces) and len(shorter) == most else "stop"

    def _said(self, asked: Thing) -> list[str]:
        pieces = words_of(self.says(asked)) if self.says else self.reply
        if (asked.get("response_format") or {}).get("type", "text") == "text":
            return pieces
        return ['{"reply": ', json.dumps("".join(pieces)), "}"]


async def _streamed(chunks: list[Any], hold: Hold) -> AsyncIterator[bytes]:
    """Yield the answer as server-sent events."""
    for number, each in enumerate(chunks):
        if number and not hold.is_set():
            await asyncio.to_thread(hold.wait, 10)
        text = each if isinstance(each, str) else json.dumps(each)
        yield f"data: {text}\n\n".encode()
    yield b"data: [DONE]\n\n"


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


def _chat_chunks(script: Talking, asked: Thing) -> list[Thing]:
    if asked.get("tools") and script.tool_calls:
        deltas, finish = [{"tool_calls": [piece]} for piece in _call_pieces(script)], "tool_calls"
        choices = [_choice(delta=delta, finish_reason=None, logprobs=None) for delta in deltas]
    else:
        pieces, finish = script.pieces_for(asked)
        choices = [
            _choice(
                delta={"content": text}, finish_reason=None, **_told(script, asked, place, text)
            )
            for place, text in enumerate(pieces)
        ]
    choices.append(_choice(delta={}, finish_reason=finish, logprobs=None))
    model = asked["model"]
    ended = chunk(model=model, choices=[], usage=_usage(len(choices) - 1))
    return [*(chunk(model=model, choices=[each]) for each in choices), ended]


def _completion_chunks(script: Talking, asked: Thing) -> list[Thing]:
    pieces, finish = script.pieces_for(asked)
    head = {"object": "text_completion", "model": asked["model"]}
    starts = accumulate(map(len, pieces), initial=0)
    told: list[Thing] = [
        chunk(**head, **_completion_choice(script, asked, place, text, start))
        for place, (text, start) in enumerate(zip(pieces, starts, strict=False))
    ]
    if script.LOGPROBS == "together":
        told.append(chunk(**head, finish_reason=finish, choices=[{"index": 0, "text": ""}]))
    else:
        end = _choice(text="", finish_reason=finish, logprobs=None)
        told.append(chunk(**head, choices=[end]))
    return [*told, chunk(**head, choices=[], usage=_usage(len(pieces)))]


def _completion_choice(script: Talking, asked: Thing, place: int, text: str, start: int) -> Thing:
    wanted = asked.get("logprobs")
    sure = None if wanted is None else probabilities(text, place, asked.get("seed"), wanted)
    if script.LOGPROBS == "together":
        number = sure[0][1] if sure else 0.0
        token = {"id": 1, "text": text, "logprob": number, "special": False}
        return {"token": token, "choices": [{"index": 0, "text": text}]}
    logprobs = None if sure is None else _lists(text, sure) | {"text_offset": [start]}
    return {"choices": [_choice(text=text, finish_reason=None, logprobs=logprobs)]}


def _told(script: Talking, asked: Thing, place: int, text: str) -> Thing:
    """Return the probabilities of one piece of a conversation, where they were asked for."""
    if not asked.get("logprobs"):
        return {"logprobs": None}
    together = script.LOGPROBS == "together"
    most = asked["logprobs"] if together else asked.get("top_logprobs") or 0
    sure = probabilities(text, place, asked.get("seed"), most)
    if together:
        return {"logprobs": sure[0][1], "top_logprobs": dict(sure)}
    named = [{"token": name, "logprob": each, "bytes": None} for name, each in sure]
    return {"logprobs": {"content": [named[0] | {"top_logprobs": named[:most]}], "refusal": None}}


def probabilities(text: str, place: int, seed: int | None, most: int) -> list[tuple[str, float]]:
    """Return this piece with its log-probability, and what else it could have been."""
    chance = 0.5 + zlib.crc32(f"{seed}|{place}|{text}".encode()) / 2**33
    rest = [(1 - chance) / 2**number for number in range(1, max(most, 1))]
    others = [(f"{text}?{number}", math.log(each)) for number, each in enumerate(rest, 1)]
    return [(text, math.log(chance)), *others]


def _lists(text: str, sure: list[tuple[str, float]]) -> Thing:
    return {"tokens": [text], "token_logprobs": [sure[0][1]], "top_logprobs": [dict(sure)]}


def _call_pieces(script: Talking) -> Iterator[Thing]:
    """Yield calls as OpenAI streams them: a head, then the arguments in halves."""
    for index, call in enumerate(script.tool_calls):
        arguments = call["arguments"]
        head = {"name": call["name"], "arguments": ""}
        yield {"index": index, "id": f"call_{index}", "type": "function", "function": head}
        half = len(arguments) // 2
        for part in (arguments[:half], arguments[half:]):
            yield {"index": index, "function": {"arguments": part}}


def vector(text: str) -> list[float]:
    """Return a vector of length one in which texts with the same words lie near each other."""
    numbers = [0.01] * DIMENSIONS
    for word in re.findall(r"\w+", text.lower()):
        numbers[zlib.crc32(word.encode()) % DIMENSIONS] += 1.0
    length = math.sqrt(sum(number * number for number in numbers))
    return [number / length for number in numbers]


def words_of(text: str) -> list[str]:
    """Return a text in pieces: words with the space before them."""
    return re.findall(r"\s*\S+|\s+$", text)


def _up_to_stop(pieces: list[str], stops: list[str] | str) -> list[str]:
    text = "".join(pieces)
    wanted = [stops] if isinstance(stops, str) else stops
    end = min((place for stop in wanted if (place := text.find(stop)) >= 0), default=len(text))
    starts = accumulate(map(len, pieces), initial=0)
    cut = (piece[: max(0, end - at)] for piece, at in zip(pieces, starts, strict=False))
    return [piece for piece in cut if piece]


def _whole(chunks: list[Thing], kind: str) -> Thing:
    """Return the same answer in one piece."""
    choices = [each["choices"][0] for each in chunks if each["choices"]]
    ends = [each.get("finish_reason") for each in (*chunks, *choices)]
    said = [each.get("text") or each.get("delta", {}).get("content", "") for each in choices]
    told: Thing = {"index": 0, "finish_reason": next(filter(None, ends))}
    text = "".join(said)
    told |= {"text": text} if kind == "text" else {kind: {"role": "assistant", "content": text}}
    names = {"text": "text_completion", "message": "chat.completion"}
    return chunks[-1] | {"object": names[kind], "choices": [told]}


def _choice(**fields: Any) -> Thing:
    return {"index": 0, **fields}


def _usage(answer: int) -> Thing:
    total = PROMPT_TOKENS + answer
    return {
        "prompt_tokens": PROMPT_TOKENS,
        "completion_tokens": answer,
        "total_tokens": total,
    }


def _tokens(text: str) -> int:
    return len(words_of(text))
