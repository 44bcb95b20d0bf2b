"""Whatever goes wrong becomes one of two errors, in words, without the key."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from apps.providers.adapters.errors import Translator
from apps.providers.adapters.openai.adapter import OpenAIProvider
from apps.providers.adapters.openai.client import Account
from apps.providers.profiles import profile_for
from apps.providers.types import ProviderError, ProviderUnavailable
from tests.providers.fake_server import KEY, FakeServer, error

MODELS = ("GET", "/v1/models")


@pytest.mark.parametrize(
    ("status", "code", "words"),
    [
        (400, None, "Because."),
        (401, "invalid_api_key", r"refused the key \(401\): Because\."),
        (403, None, r"does not allow this \(403\): Because\."),
        (404, None, r"does not know this \(404\): Because\."),
        (422, None, "Because."),
        (429, "insufficient_quota", r"has no credit left \(429\): Because\."),
    ],
)
async def test_a_no_is_final_and_in_words(
    provider: OpenAIProvider, fake_server: FakeServer, status: int, code: str | None, words: str
) -> None:
    fake_server.break_next(*MODELS, status=status, body=error("Because.", code=code))
    with pytest.raises(ProviderError, match=words) as caught:
        await provider.list_models()
    assert (caught.value.status, caught.value.code) == (status, code or "")


@pytest.mark.parametrize("status", [408, 409, 429, 500, 502, 503])
async def test_not_now_is_tried_again_later(
    provider: OpenAIProvider, fake_server: FakeServer, status: int
) -> None:
    fault = {"status": status, "body": error("Busy."), "headers": {"Retry-After": "12"}}
    fake_server.break_next(*MODELS, **fault)
    with pytest.raises(ProviderUnavailable, match="Busy") as caught:
        await provider.list_models()
    assert caught.value.retry_after == 12


@pytest.mark.parametrize(("ahead", "understood"), [(90, 90), (-60, 0), (86_400, 3600)])
@pytest.mark.parametrize("has_zone", [True, False])
async def test_a_wait_may_be_told_as_a_date(
    provider: OpenAIProvider,
    fake_server: FakeServer,
    ahead: int,
    understood: int,
    *,
    has_zone: bool,
) -> None:
    moment = datetime.now(UTC) + timedelta(seconds=ahead)
    date = format_datetime(moment, usegmt=True) if has_zone else moment.ctime()
    fake_server.break_next(*MODELS, status=503, headers={"Retry-After": date})
    with pytest.raises(ProviderUnavailable) as caught:
        await provider.list_models()
    assert caught.value.retry_after == pytest.approx(understood, abs=5)


async def test_a_wait_in_milliseconds_goes_first(
    provider: OpenAIProvider, fake_server: FakeServer
) -> None:
    headers = {"Retry-After-Ms": "1500", "Retry-After": "2"}
    fake_server.break_next(*MODELS, status=429, headers=headers)
    with pytest.raises(ProviderUnavailable) as caught:
        await provider.list_models()
    assert caught.value.retry_after == 1.5


@pytest.mark.parametrize(
    "asked", ["soon", "-5", "nan", "inf", "", "Sat, 21 Nov 99999999999999 12:00:00 GMT"]
)
async def test_a_wait_that_nobody_can_read_is_no_wait(
    provider: OpenAIProvider, fake_server: FakeServer, asked: str
) -> None:
    fake_server.break_next(*MODELS, status=503, headers={"Retry-After": asked})
    with pytest.raises(ProviderUnavailable) as caught:
        await provider.list_models()
    assert caught.value.retry_after is None


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"<html><title>Welcome</title></html>", id="html"),
        pytest.param(b"", id="nothing"),
        pytest.param(b"null", id="null"),
        pytest.param(b"[]", id="list"),
        pytest.param(b'{"data": [', id="half"),
        pytest.param(b"\xff\xfe", id="not utf-8"),
        pytest.param(b"[" * 200_000, id="deep"),
        pytest.param(b'"data"', id="text"),
        pytest.param(b'{"data": %b}' % (b"1" * 5000), id="a number of 5000 digits"),
    ],
)
async def test_garbage_with_a_200_is_said_to_be_garbage(
    provider: OpenAIProvider, fake_server: FakeServer, body: bytes
) -> None:
    fake_server.break_next(*MODELS, status=200, body=body)
    with pytest.raises(ProviderUnavailable, match="not OpenAI's format"):
        await provider.list_models()


@pytest.mark.parametrize(
    "body",
    [{"data": None}, {"data": "x"}, {"data": [None, 3, "x", {}, {"id": None}]}, {}],
)
async def test_odd_lists_are_empty_lists(
    provider: OpenAIProvider, fake_server: FakeServer, body: Any
) -> None:
    fake_server.break_next(*MODELS, status=200, body=body)
    assert await provider.list_models() == []


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"<html><title>502 Bad Gateway</title><body>nginx</body></html>", "502 Bad Gateway"),
        ({"detail": "Not ready."}, "Not ready."),
        ({"error": "plain text"}, "plain text"),
        ({"detail": [{"msg": "field required"}]}, "field required"),
    ],
)
async def test_the_words_are_found_in_any_shape_of_error(
    provider: OpenAIProvider, fake_server: FakeServer, body: Any, words: str
) -> None:
    fake_server.break_next(*MODELS, status=502, body=body)
    with pytest.raises(ProviderUnavailable, match=words):
        await provider.list_models()


async def test_the_key_is_never_repeated_even_when_the_server_does(
    provider: OpenAIProvider, fake_server: FakeServer
) -> None:
    fake_server.break_next(*MODELS, status=401, body=error(f"Wrong key: {KEY}"))
    result = await provider.check()
    assert not result.ok
    assert KEY not in result.message
    assert "•••" in result.message


def test_a_word_that_stands_for_no_key_is_left_in_other_words() -> None:
    words = "Check your plan, none is left."
    assert Translator("http://here", "none").clean(words) == words
    assert Translator("http://here", "none-of-it").clean("Not none-of-it.") == "Not •••."


async def test_a_refusal_can_be_stored_whatever_its_words_are(
    provider: OpenAIProvider, fake_server: FakeServer
) -> None:
    odd = "a\x00b\ud800c"
    fake_server.break_next(*MODELS, status=400, body=error(odd, code=odd))
    with pytest.raises(ProviderError) as caught:
        await provider.list_models()
    assert (str(caught.value), caught.value.code) == ("a\ufffdb\ufffdc", "a\ufffdb\ufffdc")


async def test_the_sdk_is_not_in_the_trail(
    provider: OpenAIProvider, fake_server: FakeServer
) -> None:
    fake_server.break_next(*MODELS, status=500, body=error(KEY))
    with pytest.raises(ProviderUnavailable) as caught:
        await provider.list_models()
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


@pytest.mark.usefixtures("trusted_network")
async def test_nobody_there_is_not_now() -> None:
    adapter = OpenAIProvider(Account("http://127.0.0.1:1/v1", KEY), profile_for("generic"))
    with pytest.raises(ProviderUnavailable, match=r"http://127\.0\.0\.1:1 could not be reached"):
        await adapter.list_models()
    await adapter.close()


async def test_silence_ends(
    provider: OpenAIProvider, fake_server: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("apps.providers.adapters.openai.adapter.CONTROL_SECONDS", 0.1)
    fake_server.break_next(*MODELS, hang=True)
    with pytest.raises(ProviderUnavailable, match="did not answer in time"):
        await provider.list_models()


async def test_a_redirect_is_not_followed(
    provider: OpenAIProvider, fake_server: FakeServer
) -> None:
    there = {"Location": fake_server.url + "/elsewhere"}
    fake_server.break_next(*MODELS, status=307, headers=there)
    with pytest.raises(ProviderError, match="points elsewhere"):
        await provider.list_models()
    assert len(fake_server.requests) == 1


async def test_an_endless_answer_is_cut(
    provider: OpenAIProvider, fake_server: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("apps.providers.network.guard.MAX_ANSWER_BYTES", 1000)
    fake_server.break_next(*MODELS, status=200, body=b" " * 2000)
    with pytest.raises(ProviderError, match="too large"):
        await provider.list_models()


async def test_a_packed_answer_is_not_unpacked(
    provider: OpenAIProvider, fake_server: FakeServer
) -> None:
    fake_server.break_next(*MODELS, status=200, body=b"x", headers={"Content-Encoding": "gzip"})
    with pytest.raises(ProviderError, match="packed"):
        await provider.list_models()
    assert fake_server.requests[0].headers["accept-encoding"] == "identity"
