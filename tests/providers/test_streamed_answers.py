"""What the adapter makes of streamed answers, against a scripted provider over real HTTP."""

import json

import pytest

from apps.providers.adapters.openai.adapter import OpenAIProvider
from apps.providers.adapters.openai.client import Account
from apps.providers.profiles import profile_for
from apps.providers.types import (
    ChatRequest,
    ProviderError,
    ProviderUnavailable,
)
from tests.providers.fake_server import KEY, FakeServer, chat_chunk, error

ASK = ChatRequest(model="tiny-chat-1m", messages=[{"role": "user", "content": "Hi"}])


async def test_an_answer_streams_with_its_totals_last(
    provider: OpenAIProvider, fake_server: FakeServer
) -> None:
    chunks = [chunk async for chunk in provider.stream_chat(ASK)]
    assert "".join(chunk.text for chunk in chunks) == "Hello!"
    assert [chunk.finish_reason for chunk in chunks if chunk.finish_reason] == ["stop"]
    assert (chunks[-1].prompt_tokens, chunks[-1].completion_tokens) == (7, 3)
    assert (chunks[0].model, chunks[0].system_fingerprint) == ("tiny-chat-1m", "fp_test")


@pytest.mark.usefixtures("trusted_network")
@pytest.mark.parametrize(
    ("profile", "name"), [("openai", "max_completion_tokens"), ("generic", "max_tokens")]
)
async def test_the_length_limit_is_spelled_as_the_provider_wants(
    fake_server: FakeServer, profile: str, name: str
) -> None:
    adapter = OpenAIProvider(Account(fake_server.url, KEY), profile_for(profile))
    async for _ in adapter.stream_chat(ChatRequest("m", [], max_tokens=5, temperature=0.0)):
        pass
    await adapter.close()
    sent = fake_server.requests[-1].json()
    assert (sent[name], sent["temperature"], "top_p" in sent) == (5, 0.0, False)


async def test_an_error_in_the_middle_keeps_what_came_before(
    provider: OpenAIProvider, fake_server: FakeServer
) -> None:
    fake_server.chunks = [chat_chunk("Half"), error("The model fell over.", kind="server_error")]
    answer = provider.stream_chat(ASK)
    assert (await anext(answer)).text == "Half"
    with pytest.raises(ProviderUnavailable, match="The model fell over"):
        await anext(answer)


@pytest.mark.parametrize(
    ("told", "understood"),
    [
        ({"message": "Slow down.", "code": "rate_limit_exceeded"}, ProviderUnavailable),
        ({"message": "Overloaded.", "code": 503}, ProviderUnavailable),
        ({"message": "Too long.", "code": "context_length_exceeded"}, ProviderError),
        ({"message": "Not allowed.", "code": 403}, ProviderError),
        ("plain text", ProviderError),
        (["a", "list"], ProviderError),
        (" ", ProviderError),
    ],
)
async def test_an_error_in_the_middle_is_final_or_not_as_it_says(
    provider: OpenAIProvider, fake_server: FakeServer, told: object, understood: type[Exception]
) -> None:
    fake_server.chunks = [{"error": told}]
    with pytest.raises(understood) as caught:
        await anext(provider.stream_chat(ASK))
    assert str(caught.value)
    assert getattr(caught.value, "code", "") in {"", "context_length_exceeded", "403"}


@pytest.mark.parametrize(
    "odd",
    [
        {"choices": "x"},
        {"choices": [None]},
        {"choices": [{"delta": "text"}]},
        {"choices": [{"delta": {"content": 5}, "finish_reason": 7}]},
        {"usage": "many", "model": 5},
        {"usage": {"prompt_tokens": -1, "completion_tokens": "2"}},
        "null",
        "5",
        '"text"',
    ],
)
async def test_an_odd_piece_of_an_answer_is_an_empty_piece(
    provider: OpenAIProvider, fake_server: FakeServer, odd: object
) -> None:
    fake_server.chunks = [chat_chunk("Good", model="m"), odd]
    chunks = [chunk async for chunk in provider.stream_chat(ASK)]
    assert "".join(chunk.text for chunk in chunks) == "Good"
    assert all(chunk.prompt_tokens is None for chunk in chunks)


@pytest.mark.parametrize("broken", ["{", "[" * 100_000, "<html>"], ids=["half", "deep", "html"])
async def test_a_piece_that_cannot_be_read_is_unavailable_not_a_crash(
    provider: OpenAIProvider, fake_server: FakeServer, broken: str
) -> None:
    fake_server.chunks = [chat_chunk("Good"), broken]
    answer = provider.stream_chat(ASK)
    assert (await anext(answer)).text == "Good"
    with pytest.raises(ProviderUnavailable, match="not OpenAI's format"):
        await anext(answer)


async def stream_of(provider: OpenAIProvider, fake_server: FakeServer, body: bytes) -> str:
    """Return the text of an answer that arrives as exactly these bytes."""
    fake_server.break_next("POST", "/v1/chat/completions", status=200, body=body)
    return "".join([chunk.text async for chunk in provider.stream_chat(ASK)])


async def test_an_answer_may_use_all_that_the_standard_of_event_streams_allows(
    provider: OpenAIProvider, fake_server: FakeServer
) -> None:
    first, second = (json.dumps(chat_chunk(text)).encode() for text in ("Grü", "ße"))
    in_two_lines = second.replace(b", ", b",\r\ndata: ", 1)
    body = b": hello\r\n\r\nevent: x\r\ndata:%b\r\n\r\n<p>\r\ndata: %b\r\n\r\ndata: [DONE]\r\n\r\n"
    assert await stream_of(provider, fake_server, body % (first, in_two_lines)) == "Grüße"


async def test_what_comes_after_the_end_is_not_read(
    provider: OpenAIProvider, fake_server: FakeServer
) -> None:
    fake_server.chunks = [chat_chunk("Good"), "[DONE]", chat_chunk(" bye"), "{"]
    assert [chunk.text async for chunk in provider.stream_chat(ASK)] == ["Good"]


async def test_an_answer_is_over_where_it_says_so_even_without_the_last_line(
    provider: OpenAIProvider, fake_server: FakeServer
) -> None:
    end = {"index": 0, "delta": {"content": "Good"}, "finish_reason": "stop"}
    body = b"data: %b\n\n" % json.dumps(chat_chunk(choices=[end])).encode()
    assert await stream_of(provider, fake_server, body) == "Good"


async def test_an_answer_that_just_stops_is_said_to_have_broken_off(
    provider: OpenAIProvider, fake_server: FakeServer
) -> None:
    body = b"data: %b\n\n" % json.dumps(chat_chunk("Half a")).encode()
    with pytest.raises(ProviderUnavailable, match="broke off"):
        await stream_of(provider, fake_server, body)


async def test_a_piece_that_no_database_takes_is_made_storable(
    provider: OpenAIProvider, fake_server: FakeServer
) -> None:
    odd, storable = "a\x00b\ud800c", "a\ufffdb\ufffdc"
    choice = {"delta": {"content": odd}, "finish_reason": odd, "logprobs": float("-inf")}
    fake_server.chunks = [chat_chunk(model=odd, system_fingerprint=odd, choices=[choice])]
    (chunk,) = [chunk async for chunk in provider.stream_chat(ASK)]
    assert (chunk.text, chunk.finish_reason) == (storable, storable)
    assert (chunk.model, chunk.system_fingerprint) == (storable, storable)


async def test_bytes_that_are_no_character_cost_one_character_not_the_answer(
    provider: OpenAIProvider, fake_server: FakeServer
) -> None:
    body = b'data: {"choices": [{"delta": {"content": "a\xffb"}}]}\n\ndata: [DONE]\n\n'
    assert await stream_of(provider, fake_server, body) == "a\ufffdb"


async def test_half_a_stream_is_unavailable_not_a_crash(
    provider: OpenAIProvider, fake_server: FakeServer
) -> None:
    fake_server.break_next("POST", "/v1/chat/completions", cut=True, body=b"data: {}\n\n")
    with pytest.raises(ProviderUnavailable):
        async for _ in provider.stream_chat(ASK):
            pass


@pytest.mark.parametrize("body", [b"<html>Welcome</html>", {"choices": []}, b""])
async def test_a_stream_that_is_none_is_said_to_be_none(
    provider: OpenAIProvider, fake_server: FakeServer, body: object
) -> None:
    fake_server.break_next("POST", "/v1/chat/completions", status=200, body=body)
    with pytest.raises(ProviderUnavailable, match="not OpenAI's format"):
        async for _ in provider.stream_chat(ASK):
            pass


async def test_a_reader_who_leaves_closes_the_request(
    provider: OpenAIProvider, fake_server: FakeServer
) -> None:
    fake_server.hold_reply.clear()
    answer = provider.stream_chat(ASK)
    assert (await anext(answer)).text == "Hel"
    await answer.aclose()
    fake_server.hold_reply.set()
    assert (await provider.check()).ok


async def test_what_strict_json_cannot_say_is_sent_all_the_same(
    provider: OpenAIProvider, fake_server: FakeServer
) -> None:
    odd = [{"role": "user", "content": "half a \ud83d", "seed": 10**30}]
    async for _ in provider.stream_chat(ChatRequest("m", odd)):
        pass
    assert fake_server.requests[-1].json()["messages"] == odd
