"""Reads from a provider at little cost: thousands of small GETs or of tokens a second.

aiohttp instead of httpx2 because one call costs a quarter of the CPU; the guard is the same: every
address that is connected to was checked, no redirects, no proxies, no packed or endless answers.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import aiohttp
import httpx2
import orjson
from yarl import URL

from apps.core.sentences import Sentence
from apps.providers.adapters import sockets
from apps.providers.adapters.answers import BrokenOff
from apps.providers.adapters.pace import paced
from apps.providers.adapters.paths import segment
from apps.providers.network import guard

TIMEOUT = aiohttp.ClientTimeout(sock_connect=5, sock_read=20)
STREAM = aiohttp.ClientTimeout(sock_connect=5, sock_read=120)  # between two pieces of an answer
END_SECONDS = 0.1  # within which a finished answer has to end, or its socket is not kept


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

    def __aiter__(self) -> AsyncIterator[bytes]:
        return paced(_bounded(self._response))

    async def read_to_the_end(self) -> None:
        """Wait a moment for what comes after the last word: then the socket can be kept."""
        with suppress(TimeoutError, aiohttp.ClientError, guard.AnswerRefused):
            async with asyncio.timeout(END_SECONDS):
                await _whole(self._response)


class Reader:
    """Asks one server. Raises httpx2's errors, so that one place translates all of them."""

    def __init__(
        self, base_url: str, headers: Mapping[str, str], *, keeps_sockets: bool = False
    ) -> None:
        self._url = httpx2.URL(base_url)  # raises where nobody can read the address
        self._base_url = base_url.rstrip("/")
        self._keeps_sockets = keeps_sockets
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
            session = await self._opened()
            async with session.get(URL(asked, encoded=True), allow_redirects=False) as response:
                return Answer(response.status, response.headers, await _whole(response))
        except TimeoutError:
            raise httpx2.ReadTimeout("") from None
        except aiohttp.ClientError as failure:
            raise _as_known(failure) from None

    @asynccontextmanager
    async def post(self, *path: str, body: Mapping[str, Any]) -> AsyncIterator[Pieces]:
        """Send JSON and hand out the answer, piece by piece; who leaves early closes its socket."""
        url = URL("/".join((self._base_url, *path)), encoded=True)
        try:
            session = await self._opened()
            async with session.post(
                url,
                data=_json(body),
                headers={"Content-Type": "application/json"},
                allow_redirects=False,
                timeout=STREAM,
            ) as response:
                pieces = Pieces(response)
                yield pieces
                if self._keeps_sockets:
                    await pieces.read_to_the_end()
        except TimeoutError:
            raise httpx2.ReadTimeout("") from None
        except aiohttp.ClientError as failure:
            raise _as_known(failure) from None

    async def _opened(self) -> aiohttp.ClientSession:
        """Return the session; it is made at the first call, within the loop."""
        if self._session is None:
            connect = sockets.kept if self._keeps_sockets else sockets.own
            self._session = aiohttp.ClientSession(
                connector=await connect(self._url),
                connector_owner=not self._keeps_sockets,
                headers=self._headers,
                timeout=TIMEOUT,
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                trust_env=False,
            )
        return self._session


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
    if isinstance(failure, aiohttp.ClientPayloadError):
        return BrokenOff(str(failure))
    return httpx2.ReadError(str(failure) or type(failure).__name__)
