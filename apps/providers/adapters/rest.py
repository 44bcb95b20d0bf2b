"""Plain JSON calls beside the SDK, guarded and bounded like its own."""

import asyncio
from typing import Any

from apps.providers.adapters import answers
from apps.providers.adapters.errors import Translator
from apps.providers.adapters.http import make_http_client

SECONDS = 30.0  # for a whole answer

Object = dict[str, Any]


class Rest:
    """Asks one server. What it refuses comes out as our two errors, without the secret."""

    def __init__(self, base_url: str, *, secret: str, token: str = "") -> None:
        self._base_url = base_url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._translate = Translator(self._base_url, secret)
        self._client = make_http_client()

    async def close(self) -> None:
        await self._client.aclose()

    async def ask(self, method: str, path: str, **fields: Any) -> Object:
        """Make one call and return the object in the answer; {} where there is none."""
        url = self._base_url + path
        with self._translate.errors():
            async with asyncio.timeout(SECONDS):
                answer = await self._client.request(method, url, headers=self._headers, **fields)
            if not answer.is_success:
                raise self._translate.refused(
                    answer.status_code, answers.read_or_text(answer.content), answer.headers
                )
            payload = answers.read(answer.content) if answer.content.strip() else {}
        if not isinstance(payload, dict):
            raise self._translate.garbage()
        return payload
