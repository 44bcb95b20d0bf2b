"""One request to an address that a person typed in: guarded, bounded, never redirected."""

from dataclasses import dataclass

import httpx2

from apps.core.sentences import Sentence
from apps.core.storable import storable
from apps.providers.network.guard import GuardedTransport

TIMEOUT = httpx2.Timeout(15, connect=5)
READ_BYTES = 2_000  # of an answer: enough to show what was said


class NotSent(Exception):
    """Nobody answered, or the address is not allowed; `words` say why."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    text: str


async def post(url: str, body: bytes, *, headers: dict[str, str]) -> Answer:
    """Send JSON and return the beginning of the answer. Raises NotSent."""
    client = httpx2.AsyncClient(
        transport=GuardedTransport(), timeout=TIMEOUT, trust_env=False, follow_redirects=False
    )
    sent = {"Content-Type": "application/json", "Accept-Encoding": "identity", **headers}
    try:
        async with client, client.stream("POST", url, content=body, headers=sent) as response:
            return Answer(response.status_code, await _beginning(response))
    except (httpx2.HTTPError, httpx2.InvalidURL) as failure:
        raise NotSent(_words_of(failure)) from None


async def _beginning(response: httpx2.Response) -> str:
    content = b""
    async for part in response.aiter_raw():
        content += part
        if len(content) >= READ_BYTES:
            break
    return storable(content[:READ_BYTES].decode(errors="replace"))


def _words_of(failure: Exception) -> str:
    """Return our own sentence where the guard has one, else the name of what went wrong."""
    told = failure.args[0] if failure.args else ""
    return told if isinstance(told, Sentence) else f"{type(failure).__name__}: {told}"[:300]
