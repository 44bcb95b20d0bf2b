"""Reads from a provider at little cost: thousands of small GETs or of tokens a second.

aiohttp instead of httpx2 because one call costs a quarter of the CPU; the guard is the same: every
address that is connected to was checked, no redirects, no proxies, no packed or endless answers.
"""

import json
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import aiohttp
import httpx2
import orjson
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from apps.core.sentences import Sentence
from apps.providers.adapters.paths import segment
from apps.providers.network import guard

TIMEOUT = aiohttp.ClientTimeout(sock_connect=5, sock_read=20)
STREAM = aiohttp.ClientTimeout(sock_connect=5, sock_read=120)  # between two pieces of an answer
CONNECTIONS = 64  # to one provider at once; callers ask for less


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    content: bytes


class Pieces:
    """An answer that is still arriving."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._response = response

    @property
    def is_success(self) -> bool:
        return 200 <= self._response.status < 300

    async def whole(self) -> Answer:
        """Return all of it at once: a refusal, mostly."""
        response = self._response
        return Answer(response.status, response.headers, await _whole(response))

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for piece in _bounded(self._response):
            yield piece


class Reader:
    """Asks one server. Raises httpx2's errors, so that one place translates all of them."""

    def __init__(self, base_url: str, headers: Mapping[str, str]) -> None:
        self._base_url = base_url.rstrip("/")
        self._headers = {**headers, "Accept-Encoding": "identity"}
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        if self._session:
            await self._session.close()

    async def get(self, *path: str, **query: Any) -> Answer:
        """Return the whole answer to a GET, whatever its status."""
        url = "/".join((self._base_url, *(segment(part, safe=":") for part in path)))
        asked = f"{url}?{urlencode(query)}" if query else url
        try:
            async with self._opened().get(
                URL(asked, encoded=True), allow_redirects=False
            ) as response:
                return Answer(response.status, response.headers, await _whole(response))
        except TimeoutError:
            raise httpx2.ReadTimeout("") from None
        except aiohttp.ClientError as failure:
            raise _as_known(failure) from None

    @asynccontextmanager
    async def post(self, *path: str, body: Mapping[str, Any]) -> AsyncIterator[Pieces]:
        """Send JSON and hand out the answer, piece by piece; leaving closes the connection."""
        url = URL("/".join((self._base_url, *path)), encoded=True)
        try:
            async with self._opened().post(
                url,
                data=_json(body),
                headers={"Content-Type": "application/json"},
                allow_redirects=False,
                timeout=STREAM,
            ) as response:
                yield Pieces(response)
        except TimeoutError:
            raise httpx2.ReadTimeout("") from None
        except aiohttp.ClientError as failure:
            raise _as_known(failure) from None

    def _opened(self) -> aiohttp.ClientSession:
        """Return the session; it is made at the first call, within the loop."""
        if self._session is None:
            is_trusted = guard.is_trusted(httpx2.URL(self._base_url))
            self._session = aiohttp.ClientSession(
                connector=_connector(is_trusted=is_trusted),
                headers=self._headers,
                timeout=TIMEOUT,
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                trust_env=False,
            )
        return self._session


def _connector(*, is_trusted: bool) -> aiohttp.TCPConnector:
    tls = guard.tls()
    if is_trusted:
        return aiohttp.TCPConnector(limit=CONNECTIONS, ssl=tls)
    return aiohttp.TCPConnector(
        limit=CONNECTIONS, ssl=tls, resolver=_Resolver(), socket_factory=_socket_to_checked
    )


class _Resolver(AbstractResolver):
    """Looks names up, and refuses a name when one of its addresses is not public."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        addresses = await guard.checked_addresses(httpx2.URL(scheme="http", host=host, port=port))
        return [
            ResolveResult(
                hostname=host,
                host=str(address),
                port=port,
                family=socket.AF_INET if address.version == 4 else socket.AF_INET6,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
            for address in addresses
        ]

    async def close(self) -> None:
        pass


def _socket_to_checked(info: aiohttp.AddrInfoType) -> socket.socket:
    """Make the socket for this address, if it is public: an address in the URL needs no look-up."""
    family, kind, protocol, _name, address = info
    guard.check_address(str(address[0]))
    return socket.socket(family, kind, protocol)


def _json(body: Mapping[str, Any]) -> bytes:
    try:
        return orjson.dumps(body)
    except TypeError:  # half a character or a number of many digits: others can send those
        return json.dumps(body).encode()


async def _whole(response: aiohttp.ClientResponse) -> bytes:
    parts = [part async for part in _bounded(response)]
    return parts[0] if len(parts) == 1 else b"".join(parts)


async def _bounded(response: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
    """Yield what arrives, up to the limit."""
    if response.headers.get("Content-Encoding", "identity") != "identity":
        raise guard.AnswerRefused(Sentence(guard.PACKED))
    received = 0
    async for part in response.content.iter_any():
        received += len(part)
        if received > guard.MAX_ANSWER_BYTES:
            raise guard.AnswerRefused(Sentence(guard.TOO_LARGE))
        yield part


def _as_known(failure: aiohttp.ClientError) -> httpx2.HTTPError | httpx2.InvalidURL:
    cause = failure.__cause__
    if isinstance(cause, httpx2.HTTPError):  # the guard's own word
        return cause
    if isinstance(failure, aiohttp.InvalidURL):
        return httpx2.InvalidURL(str(failure))
    if isinstance(failure, aiohttp.ClientConnectorError):
        return httpx2.ConnectError(str(failure.os_error))
    return httpx2.ReadError(str(failure) or type(failure).__name__)
