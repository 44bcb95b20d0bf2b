"""Where requests may go: the open internet and the engine, and nowhere else."""

import asyncio
import ipaddress
import socket
from typing import Any

import httpx2
import pytest

from apps.providers.adapters.openai.adapter import OpenAIProvider
from apps.providers.adapters.openai.client import Account
from apps.providers.network import guard
from apps.providers.profiles import profile_for
from apps.providers.types import (
    ChatRequest,
    CompletionRequest,
    ProviderError,
    ProviderUnavailable,
)
from tests.providers.fake_server import KEY, FakeServer

PRIVATE = [
    "0.0.0.0",
    "10.1.2.3",
    "100.64.0.1",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",
    "172.16.0.1",
    "192.0.0.1",
    "192.0.2.1",
    "192.168.1.1",
    "198.18.0.1",
    "203.0.113.9",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1",
    "100::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:a00:1::1",
    "fc00::1",
    "fd12:3456::1",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
]
PUBLIC = ["1.1.1.1", "104.18.6.192", "2606:4700::6812:6c0", "64:ff9b::101:101"]


@pytest.mark.parametrize("address", PRIVATE)
def test_an_address_inside_is_not_public(address):
    assert not guard.is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", PUBLIC)
def test_an_address_outside_is_public(address):
    assert guard.is_public(ipaddress.ip_address(address))


SPELLINGS = [
    "127.0.0.1",
    "127.0.0.1.",
    "127.1",
    "0x7f000001",
    "2130706433",
    "localhost",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::1%25lo]",
    "a..b",
]


@pytest.mark.parametrize("host", SPELLINGS)
async def test_no_spelling_of_this_machine_gets_through(host, fake_server: FakeServer):
    port = fake_server.url.rsplit(":", 1)[1]
    adapter = OpenAIProvider(Account(f"http://{host}:{port}", KEY), profile_for("generic"))
    assert not (await adapter.check()).ok
    assert fake_server.requests == []
    await adapter.close()


@pytest.mark.parametrize("host", ["0177.0.0.1", "①②⑦.0.0.1", "[zz]"])
def test_an_address_that_nobody_can_read_is_refused_in_words(host):
    with pytest.raises(ProviderError, match="cannot be used"):
        OpenAIProvider(Account(f"http://{host}:80/v1", KEY), profile_for("generic"))


async def test_a_refusal_says_what_the_operator_can_do(fake_server: FakeServer):
    adapter = OpenAIProvider(Account(fake_server.url, KEY), profile_for("generic"))
    with pytest.raises(ProviderError, match="ALLOW_PRIVATE_HOSTS") as caught:
        await adapter.list_models()
    assert caught.value.code == "address_refused"
    await adapter.close()


async def test_a_name_with_one_private_address_among_public_ones_is_refused(
    fake_server: FakeServer, name_servers
):
    name_servers["mixed.test"] = ["1.1.1.1", "127.0.0.1"]
    url = httpx2.URL(fake_server.url).copy_with(host="mixed.test")
    with pytest.raises(guard.AddressRefused):
        await guard.checked_addresses(url)


async def test_the_checked_address_is_the_one_that_is_connected_to(
    fake_server: FakeServer, name_servers, monkeypatch
):
    """The name is looked up once: a second answer, pointing inside, is never asked for."""
    name_servers["rebinding.test"] = ["127.0.0.1"]
    monkeypatch.setattr(guard, "is_public", lambda address: True)
    url = str(httpx2.URL(fake_server.url).copy_with(host="rebinding.test"))
    adapter = OpenAIProvider(Account(url, KEY), profile_for("generic"))
    assert (await adapter.check()).ok
    await adapter.close()
    assert name_servers["asked"] == ["rebinding.test"]
    assert fake_server.requests[-1].headers["host"].startswith("rebinding.test:")


async def test_the_next_address_is_tried_when_one_does_not_answer(
    fake_server: FakeServer, name_servers, monkeypatch
):
    name_servers["two.test"] = ["::1", "127.0.0.1"]  # the fake provider listens on IPv4 only
    monkeypatch.setattr(guard, "is_public", lambda address: True)
    url = str(httpx2.URL(fake_server.url).copy_with(host="two.test"))
    adapter = OpenAIProvider(Account(url, KEY), profile_for("generic"))
    assert (await adapter.check()).ok
    await adapter.close()


async def test_tls_names_the_host_not_the_address():
    request = httpx2.Request("GET", "https://api.openai.com/v1/models")
    pinned = guard._pinned(request, ipaddress.ip_address("2606:4700::1"))
    assert str(pinned.url) == "https://[2606:4700::1]/v1/models"
    assert pinned.headers["host"] == "api.openai.com"
    assert pinned.extensions["sni_hostname"] == "api.openai.com"


async def test_the_engine_is_always_allowed(fake_server: FakeServer, settings):
    settings.ENGINE_URL = fake_server.url
    adapter = OpenAIProvider(Account(fake_server.url, KEY), profile_for("engine"))
    assert (await adapter.check()).ok
    await adapter.close()


async def test_beside_the_engine_no_other_port_is_open(fake_server: FakeServer, settings):
    settings.ENGINE_URL = "http://127.0.0.1:1/v1"
    adapter = OpenAIProvider(Account(fake_server.url, KEY), profile_for("engine"))
    assert not (await adapter.check()).ok
    await adapter.close()
    assert fake_server.requests == []


async def test_a_redirect_to_the_inside_is_not_followed(fake_server: FakeServer, settings):
    settings.ENGINE_URL = fake_server.url
    inside = {"Location": "http://169.254.169.254/latest/meta-data"}
    fake_server.break_next("GET", "/v1/models", status=302, headers=inside)
    adapter = OpenAIProvider(Account(fake_server.url, KEY), profile_for("engine"))
    result = await adapter.check()
    assert "points elsewhere" in result.message
    await adapter.close()


async def test_a_proxy_from_the_environment_is_not_used(
    fake_server: FakeServer, settings, monkeypatch
):
    settings.ENGINE_URL = fake_server.url
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    adapter = OpenAIProvider(Account(fake_server.url, KEY), profile_for("engine"))
    assert (await adapter.check()).ok
    await adapter.close()


async def test_other_protocols_are_refused():
    with pytest.raises(guard.AddressRefused):
        await guard.GuardedTransport().handle_async_request(
            httpx2.Request("GET", "ftp://example.com/")
        )


JOB, CHAT, PROMPT = "a job", "a conversation", "a prompt"
PAST_THE_SDK = {
    JOB: lambda adapter: adapter.get_job("ftjob-1"),
    CHAT: lambda adapter: anext(adapter.stream_chat(ChatRequest("m", []))),
    PROMPT: lambda adapter: anext(adapter.stream_completion(CompletionRequest("m", "Hi"))),
}


async def refusal_of(what: str, url: str) -> ProviderError:
    """Ask: what is asked often goes past the SDK, but not past the guard."""
    adapter = OpenAIProvider(Account(url, KEY), profile_for("generic"))
    try:
        with pytest.raises(ProviderError) as caught:
            await PAST_THE_SDK[what](adapter)
    finally:
        await adapter.close()
    return caught.value


@pytest.mark.parametrize("what", PAST_THE_SDK)
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "mixed.test"])
async def test_what_goes_past_the_sdk_is_guarded_too(
    what, host, fake_server: FakeServer, name_servers
):
    name_servers |= {"mixed.test": ["1.1.1.1", "127.0.0.1"], "localhost": ["127.0.0.1"]}
    refusal = await refusal_of(what, fake_server.url.replace("127.0.0.1", host))
    assert refusal.code == "address_refused"
    assert fake_server.requests == []


@pytest.mark.parametrize("host", SPELLINGS)
async def test_no_spelling_of_this_machine_is_chatted_with(host, fake_server: FakeServer):
    port = fake_server.url.rsplit(":", 1)[1]
    adapter = OpenAIProvider(Account(f"http://{host}:{port}/v1", KEY), profile_for("generic"))
    with pytest.raises((ProviderError, ProviderUnavailable)):
        await anext(adapter.stream_chat(ChatRequest("m", [])))
    assert fake_server.requests == []
    await adapter.close()


@pytest.mark.parametrize("what", PAST_THE_SDK)
async def test_a_name_that_points_inside_after_the_look_up_is_refused_at_the_socket(
    what, fake_server: FakeServer, name_servers, monkeypatch
):
    async def deceived(url: httpx2.URL) -> list[guard.IPAddress]:
        return [ipaddress.ip_address("127.0.0.1")]

    monkeypatch.setattr(guard, "checked_addresses", deceived)
    refusal = await refusal_of(what, fake_server.url.replace("127.0.0.1", "rebinding.test"))
    assert refusal.code == "address_refused"
    assert fake_server.requests == []


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ({"status": 307, "headers": {"Location": "http://169.254.169.254/"}}, "points elsewhere"),
        ({"status": 200, "headers": {"Content-Encoding": "gzip"}, "body": b"x"}, "packed"),
    ],
)
async def test_an_answer_may_not_lead_elsewhere_nor_unfold(
    fault, words, fake_server: FakeServer, settings
):
    settings.ALLOW_PRIVATE_HOSTS = True
    fake_server.break_next("POST", "/v1/chat/completions", **fault)
    refusal = await refusal_of(CHAT, fake_server.url)
    assert words in str(refusal)
    assert len(fake_server.requests) == 1


async def test_an_answer_without_an_end_is_left(fake_server: FakeServer, settings, monkeypatch):
    settings.ALLOW_PRIVATE_HOSTS = True
    monkeypatch.setattr(guard, "MAX_ANSWER_BYTES", 1000)
    fake_server.reply = ["word "] * 100
    adapter = OpenAIProvider(Account(fake_server.url, KEY), profile_for("generic"))
    with pytest.raises(ProviderError, match="too large"):
        async for _ in adapter.stream_chat(ChatRequest("m", [])):
            pass
    await adapter.close()


@pytest.fixture
def name_servers(monkeypatch) -> dict[str, Any]:
    """Names to addresses, in place of DNS; `asked` lists the questions."""
    names: dict[str, Any] = {"asked": []}

    async def getaddrinfo(self: Any, host: str, port: int, **_: Any) -> list[Any]:
        names["asked"].append(host)
        return [(0, socket.SOCK_STREAM, 6, "", (address, port)) for address in names[host]]

    monkeypatch.setattr(asyncio.base_events.BaseEventLoop, "getaddrinfo", getaddrinfo)
    return names
