"""Where requests may go: a transport that looks up the host itself and connects to what it checked.

A base URL is typed by a person, so it is a door into the operator's network. Every request is
checked (not only the form), the checked address is the one that is connected to (a second DNS
answer cannot differ), redirects are not followed and proxies from the environment are not used.
"""

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import AsyncIterator
from functools import cache
from typing import cast

import httpx2
from django.conf import settings
from django.utils.translation import gettext_noop as _

from apps.core.sentences import Sentence

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

LOOKUP_SECONDS = 5
MAX_ANSWER_BYTES = 64 * 1024 * 1024  # result files are the largest answers; OpenAI's are far below
GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")

NAMELESS = _("The name of the server has no address.")
UNKNOWN_NAME = _("No server has this name.")
SLOW_LOOKUP = _("Looking up the name of the server took too long.")
PRIVATE = _(
    "%(host)s is an address of a private network. If you trust it, start Retune "
    "with ALLOW_PRIVATE_HOSTS=true."
)
TOO_LARGE = _("The server's answer is too large.")
PACKED = _("The server packed its answer although it was asked not to.")


class AddressRefused(httpx2.RequestError):
    """The guard did not let this request out."""


class AnswerRefused(httpx2.RequestError):
    """The answer is too large, or packed in a way nobody asked for."""


class GuardedTransport(httpx2.AsyncBaseTransport):
    """Sends a request only to a public address, or to an address the operator trusts."""

    def __init__(self) -> None:
        self._inner = httpx2.AsyncHTTPTransport(verify=tls())

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        if request.url.scheme not in {"http", "https"}:
            raise AddressRefused(Sentence(_("Only http and https addresses can be used.")))
        if is_trusted(request.url):
            response = await self._inner.handle_async_request(request)
        else:
            response = await self._send_to_checked(request)
        return _bounded(response)

    async def aclose(self) -> None:
        await self._inner.aclose()

    async def _send_to_checked(self, request: httpx2.Request) -> httpx2.Response:
        failure: httpx2.ConnectError | None = None
        for address in await checked_addresses(request.url):
            try:
                return await self._inner.handle_async_request(_pinned(request, address))
            except httpx2.ConnectError as exc:  # nothing was sent yet: the next address may answer
                failure = exc
        raise failure or httpx2.ConnectError(Sentence(NAMELESS))


def is_trusted(url: httpx2.URL) -> bool:
    """True for the engine's own origin, and for everything when the operator says so."""
    return settings.ALLOW_PRIVATE_HOSTS or _origin(url) == _origin(httpx2.URL(settings.ENGINE_URL))


async def checked_addresses(url: httpx2.URL) -> list[IPAddress]:
    """Return the host's addresses; refuse all of them when one is not public."""
    addresses = await _lookup(url.raw_host.decode("ascii"), _port(url))
    if not all(is_public(address) for address in addresses):
        raise AddressRefused(Sentence(PRIVATE, host=url.host))
    return addresses


def check_address(address: str) -> None:
    """Refuse an address that is not public, at the moment when it is connected to."""
    if not is_public(ipaddress.ip_address(address.partition("%")[0])):
        raise AddressRefused(Sentence(PRIVATE, host=address))


def is_public(address: IPAddress) -> bool:
    """True when the address, and the IPv4 address hidden in it if any, is on the open internet."""
    if isinstance(address, ipaddress.IPv4Address):
        return address.is_global and not address.is_multicast and not address.is_reserved
    if address in NAT64:
        return is_public(ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF))
    hidden = address.sixtofour or (address.teredo and address.teredo[1])
    if hidden and not is_public(hidden):
        return False
    return address in GLOBAL_UNICAST and address.is_global


async def _lookup(host: str, port: int) -> list[IPAddress]:
    try:
        return [ipaddress.ip_address(host)]
    except ValueError:
        pass
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(LOOKUP_SECONDS):
            found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except TimeoutError:
        raise httpx2.ConnectTimeout(Sentence(SLOW_LOOKUP)) from None
    except (OSError, UnicodeError):
        raise httpx2.ConnectError(Sentence(UNKNOWN_NAME)) from None
    return list(dict.fromkeys(ipaddress.ip_address(answer[4][0]) for answer in found))


def _pinned(request: httpx2.Request, address: IPAddress) -> httpx2.Request:
    """Return the request aimed at the address; the Host header and TLS still name the host."""
    return httpx2.Request(
        request.method,
        request.url.copy_with(host=str(address)),
        headers=request.headers,
        stream=request.stream,
        extensions={**request.extensions, "sni_hostname": request.url.raw_host.decode("ascii")},
    )


def _bounded(response: httpx2.Response) -> httpx2.Response:
    """Return the response with a size limit; packed bodies are refused (they could unfold)."""
    if response.headers.get("content-encoding", "identity") != "identity":
        raise AnswerRefused(Sentence(PACKED))
    return httpx2.Response(
        response.status_code,
        headers=response.headers,
        stream=_BoundedStream(cast(httpx2.AsyncByteStream, response.stream)),
        extensions=response.extensions,
    )


class _BoundedStream(httpx2.AsyncByteStream):
    def __init__(self, stream: httpx2.AsyncByteStream) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        received = 0
        async for part in self._stream:
            received += len(part)
            if received > MAX_ANSWER_BYTES:
                raise AnswerRefused(Sentence(TOO_LARGE))
            yield part

    async def aclose(self) -> None:
        await self._stream.aclose()


def _origin(url: httpx2.URL) -> tuple[str, bytes, int]:
    return url.scheme, url.raw_host, _port(url)


def _port(url: httpx2.URL) -> int:
    return url.port or (443 if url.scheme == "https" else 80)


@cache
def tls() -> ssl.SSLContext:
    """Return the one TLS context of this process; making it costs milliseconds."""
    return httpx2.create_ssl_context()
