"""What every adapter asks of models, and what it makes of the answers. Over real HTTP."""

import asyncio
import math
from collections.abc import AsyncIterator
from typing import Any

import pytest

from apps.providers.types import (
    ChatChunk,
    ChatRequest,
    CompletionRequest,
    ProviderError,
    ProviderUnavailable,
)
from tests.providers.dialects import Spoken, refuses
from tests.providers.scripted.chat import DIMENSIONS, vector

HI = [{"role": "user", "content": "Hi"}]
TOOL = {"type": "function", "function": {"name": "look_up", "parameters": {"type": "object"}}}
SCHEMA = {"type": "json_schema", "json_schema": {"name": "reply", "schema": {"type": "object"}}}
CHAT = r"(/inference)?/v1/chat/completions"
COMPLETIONS = r"(/inference)?/v1/completions"
EMBEDDINGS = r"(/inference)?/v1/embeddings"


async def all_of(answer: AsyncIterator[ChatChunk]) -> list[ChatChunk]:
    return [chunk async for chunk in answer]


def text_of(chunks: list[ChatChunk]) -> str:
    return "".join(chunk.text for chunk in chunks)


async def test_everything_that_was_chosen_is_sent(spoken: Spoken) -> None:
    request = ChatRequest(
        "m", HI, seed=7, stop=["l"], response_format=SCHEMA, tools=[TOOL], top_p=0.5
    )
    await all_of(spoken.adapter.stream_chat(request))
    sent = spoken.script.requests[-1].json()
    assert sent["stop"] == ["l"]
    assert (sent["seed"], sent["top_p"]) == (7, 0.5)
    assert (sent["response_format"], sent["tools"]) == (SCHEMA, [TOOL])
    assert sent["messages"] == HI


async def test_what_nobody_chose_is_not_sent(spoken: Spoken) -> None:
    await all_of(spoken.adapter.stream_chat(ChatRequest("m", HI)))
    sent = spoken.script.requests[-1].json()
    assert sent.keys() == {"model", "messages", "stream", "stream_options"}


async def test_calls_of_tools_come_in_pieces_that_make_the_whole(spoken: Spoken) -> None:
    calls = [
        {"name": "look_up", "arguments": '{"city": "Oslo"}'},
        {"name": "add", "arguments": "{}"},
    ]
    spoken.script.tool_calls = calls
    chunks = await all_of(spoken.adapter.stream_chat(ChatRequest("m", HI, tools=[TOOL])))
    made: dict[int, dict[str, str]] = {}
    for piece in (piece for chunk in chunks for piece in chunk.tool_calls):
        call = made.setdefault(piece.index, {"id": "", "name": "", "arguments": ""})
        call["id"] += piece.id
        call["name"] += piece.name
        call["arguments"] += piece.arguments
    assert made == {place: {"id": f"call_{place}", **call} for place, call in enumerate(calls)}
    assert [chunk.finish_reason for chunk in chunks if chunk.finish_reason] == ["tool_calls"]


async def test_every_token_comes_with_its_probability_and_what_else_it_could_have_been(
    spoken: Spoken,
) -> None:
    chunks = await all_of(spoken.adapter.stream_chat(ChatRequest("m", HI, top_logprobs=3)))
    tokens = [token for chunk in chunks for token in chunk.logprobs]
    assert "".join(token.token for token in tokens) == text_of(chunks) == "Hello!"
    for token in tokens:
        assert len(token.top) == 3
        assert token.top[0] == (token.token, token.logprob)
        assert math.fsum(math.exp(logprob) for _name, logprob in token.top) <= 1


async def test_probabilities_nobody_asked_for_are_not_kept(spoken: Spoken) -> None:
    asked = CompletionRequest("m", "Once")
    chat = await all_of(spoken.adapter.stream_chat(ChatRequest("m", HI)))
    prompt = await all_of(spoken.adapter.stream_completion(asked)) if completes(spoken) else []
    assert not any(chunk.logprobs for chunk in chat + prompt)


async def test_the_chosen_token_is_among_its_alternatives_even_if_none_were_asked_for(
    spoken: Spoken,
) -> None:
    chunks = await all_of(spoken.adapter.stream_chat(ChatRequest("m", HI, top_logprobs=0)))
    (first, *_rest) = [token for chunk in chunks for token in chunk.logprobs]
    assert first.top == [(first.token, first.logprob)]


def completes(spoken: Spoken) -> bool:
    return spoken.offers("completions")


async def test_a_prompt_is_completed_with_its_totals_last(spoken: Spoken) -> None:
    request = CompletionRequest(
        "davinci-002", "Once upon", max_tokens=9, seed=3, stop=[" END"], top_logprobs=2
    )
    if not completes(spoken):
        await refuses(first_of(spoken, request))
        return
    chunks = await all_of(spoken.adapter.stream_completion(request))
    assert text_of(chunks) == "Hello!"
    assert [chunk.finish_reason for chunk in chunks if chunk.finish_reason] == ["stop"]
    assert (chunks[-1].prompt_tokens, chunks[-1].completion_tokens) == (7, 3)
    assert chunks[0].model == "davinci-002"
    tokens = [token for chunk in chunks for token in chunk.logprobs]
    assert "".join(token.token for token in tokens) == "Hello!"
    assert all(token.top[0] == (token.token, token.logprob) for token in tokens)
    sent = spoken.script.requests[-1].json()
    assert (sent["prompt"], sent["max_tokens"], sent["logprobs"]) == ("Once upon", 9, 2)
    assert (sent["seed"], sent["stop"]) == (3, [" END"])
    assert "messages" not in sent


async def first_of(spoken: Spoken, request: CompletionRequest) -> ChatChunk:
    return await anext(spoken.adapter.stream_completion(request))


async def test_a_prompt_may_go_wrong_as_a_conversation_may(spoken: Spoken) -> None:
    if not completes(spoken):
        return
    body = spoken.dialect.refusal(spoken.script, 400, "Not that model.", None)
    spoken.script.break_next("POST", COMPLETIONS, status=400, body=body)
    with pytest.raises(ProviderError, match="Not that model"):
        await first_of(spoken, CompletionRequest("m", "x"))
    spoken.script.break_next("POST", COMPLETIONS, status=200, body=b"<html>")
    with pytest.raises(ProviderUnavailable):
        await first_of(spoken, CompletionRequest("m", "x"))


async def test_a_reader_who_leaves_a_prompt_closes_its_request(spoken: Spoken) -> None:
    if not completes(spoken):
        return
    spoken.script.hold_reply.clear()
    answer: Any = spoken.adapter.stream_completion(CompletionRequest("m", "x"))
    assert (await anext(answer)).text == "Hel"
    await answer.aclose()
    spoken.script.hold_reply.set()
    assert (await spoken.adapter.check()).ok


async def test_texts_become_vectors_in_their_order(spoken: Spoken) -> None:
    texts = ["a cat", "a dog", "", "rain in Oslo"]
    if not spoken.offers("embeddings"):
        await refuses(spoken.adapter.embed("e", texts))
        return
    told = await spoken.adapter.embed("e", texts)
    assert told.vectors == [vector(text or " ") for text in texts]
    assert told.prompt_tokens == 2 + 2 + 1 + 3


async def test_many_texts_are_asked_for_in_several_calls(spoken: Spoken) -> None:
    if not spoken.offers("embeddings"):
        return
    texts = [f"text {number}" for number in range(300)]
    told = await spoken.adapter.embed("e", texts)
    assert told.vectors == [vector(text) for text in texts]
    sizes = [len(seen.json()["input"]) for seen in spoken.script.requests]
    assert (sum(sizes), max(sizes)) == (300, spoken.profile.embeds_at_once)
    assert max(sizes) <= 256


async def test_long_texts_are_asked_for_in_more_calls(spoken_shape: Spoken) -> None:
    texts = ["ä" * 45_000, "a" * 10_000, "b" * 250_000, "c", "d"]
    told = await spoken_shape.adapter.embed("e", texts)
    assert told.vectors == [vector(text) for text in texts]
    sizes = [len(seen.json()["input"]) for seen in spoken_shape.script.requests]
    assert sizes == [2, 1, 2]


async def test_no_texts_are_no_call(spoken: Spoken) -> None:
    if spoken.offers("embeddings"):
        assert (await spoken.adapter.embed("e", [])).vectors == []
        assert spoken.script.requests == []


def turned_around(body: Any) -> Any:
    return body | {"data": body["data"][::-1], "usage": None}


def without_indexes(body: Any) -> Any:
    return body | {"data": [{"embedding": each["embedding"]} for each in body["data"]]}


@pytest.mark.parametrize("change", [turned_around, without_indexes])
async def test_vectors_are_put_in_order_by_their_index(spoken_shape: Spoken, change: Any) -> None:
    spoken_shape.script.break_next("POST", EMBEDDINGS, change=change)
    told = await spoken_shape.adapter.embed("e", ["a cat", "a dog"])
    assert told.vectors == [vector("a cat"), vector("a dog")]


def data(*items: Any) -> Any:
    return lambda _body: {"data": list(items)}


def item(index: Any, embedding: Any) -> Any:
    return {"index": index, "embedding": embedding}


STRANGE = {
    "too few": data(item(0, [1.0])),
    "too many": data(*(item(place, [1.0]) for place in range(3))),
    "one twice": data(item(0, [1.0]), item(0, [1.0])),
    "out of place": data(item(0, [1.0]), item(7, [1.0])),
    "negative": data(item(0, [1.0]), item(-1, [1.0])),
    "of two lengths": data(item(0, [1.0]), item(1, [1.0, 2.0])),
    "empty": data(item(0, []), item(1, [])),
    "texts": data(item(0, ["1"]), item(1, ["2"])),
    "packed": data(item(0, "AACAPw=="), item(1, "AACAPw==")),
    "no numbers": lambda _body: b'{"data": [{"embedding": [NaN]}, {"embedding": [NaN]}]}',
    "too large": data(item(0, [10**400]), item(1, [1])),
    "no list": lambda _body: {"data": {"0": 1}},
    "none": lambda _body: {"data": None},
}


@pytest.mark.parametrize("what", STRANGE)
async def test_vectors_that_are_none_are_said_to_be_none(spoken_shape: Spoken, what: str) -> None:
    spoken_shape.script.break_next("POST", EMBEDDINGS, change=STRANGE[what])
    with pytest.raises(ProviderUnavailable):
        await spoken_shape.adapter.embed("e", ["a cat", "a dog"])


async def test_vectors_of_another_length_in_the_next_call_are_refused(
    spoken_shape: Spoken,
) -> None:
    texts = ["x"] * (spoken_shape.profile.embeds_at_once + 1)
    spoken_shape.script.break_next("POST", EMBEDDINGS, change=lambda body: body)
    spoken_shape.script.break_next("POST", EMBEDDINGS, change=data(item(0, [1.0])))
    with pytest.raises(ProviderUnavailable):
        await spoken_shape.adapter.embed("e", texts)
    assert DIMENSIONS != 1


async def test_vectors_that_never_come_are_not_waited_for(
    spoken_shape: Spoken, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("apps.providers.adapters.openai.answering.EMBED_SECONDS", 0.05)
    spoken_shape.script.break_next("POST", EMBEDDINGS, hang=True)
    async with asyncio.timeout(5):
        with pytest.raises(ProviderUnavailable, match="in time"):
            await spoken_shape.adapter.embed("e", ["a"])
