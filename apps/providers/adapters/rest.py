"""Plain JSON calls, guarded and bounded like those of the SDK."""

import asyncio
import os
from collections.abc import AsyncIterator, Mapping, Set
from pathlib import Path
from typing import Any

import httpx2

from apps.providers.adapters import answers
from apps.providers.adapters.errors import Translator
from apps.providers.adapters.http import UPLOAD, make_http_client

SECONDS = 30.0  # for a whole answer
PIECE_BYTES = 1024 * 1024

Object = dict[str, Any]


class Rest:
    """Asks one server. What it refuses comes out as our two errors, without the secret."""

    def __init__(self, base_url: str, *, secret: str, token: str = "") -> None:
        self._base_url = base_url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self.translate = Translator(self._base_url, secret)
        with self.translate.errors():
            self._client = make_http_client()

    async def close(self) -> None:
        await self._client.aclose()

    async def ask(self, method: str, path: str, **fields: Any) -> Object:
        """Make one call and return the object in the answer; {} where there is none."""
        return self.object_in(await self.reply(method, path, **fields))

    def object_in(self, answer: httpx2.Response) -> Object:
        """Return the object that an answer is; anything else is no answer."""
        payload = self.json_in(answer)
        if not isinstance(payload, dict):
            raise self.translate.garbage()
        return payload

    def json_in(self, answer: httpx2.Response) -> Any:
        """Return whatever JSON an answer is; {} where there is none."""
        with self.translate.errors():
            return answers.read(answer.content) if answer.content.strip() else {}

    async def reply(
        self,
        method: str,
        path: str,
        *,
        also: Set[int] = frozenset(),
        within: float | None = None,
        **fields: Any,
    ) -> httpx2.Response:
        """Make one call and return the answer as it came. `also`: statuses that are no refusal."""
        with self.translate.errors():
            async with asyncio.timeout(within or SECONDS):
                url = self._base_url + path
                answer = await self._client.request(method, url, headers=self._headers, **fields)
            return self._accepted(answer, also)

    async def put_file(self, url: str, path: Path, headers: Mapping[str, str]) -> None:
        """Send a file to the storage that the provider names. The key stays here."""
        size = await asyncio.to_thread(os.path.getsize, path)
        told = {**headers, "Content-Length": str(size)}
        with self.translate.errors():
            self._accepted(
                await self._client.put(url, content=_pieces(path), headers=told, timeout=UPLOAD)
            )

    def _accepted(self, answer: httpx2.Response, also: Set[int] = frozenset()) -> httpx2.Response:
        if answer.is_success or answer.status_code in also:
            return answer
        body = answers.read_or_text(answer.content)
        raise self.translate.refused(answer.status_code, body, answer.headers)


async def _pieces(path: Path) -> AsyncIterator[bytes]:
    with path.open("rb") as content:
        while piece := await asyncio.to_thread(content.read, PIECE_BYTES):
            yield piece
