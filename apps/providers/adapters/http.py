"""The HTTP client of every adapter: guarded, with time-outs, without redirects and retries."""

import httpx2

from apps.providers.network.guard import GuardedTransport

CONTROL = httpx2.Timeout(20, connect=5)
UPLOAD = httpx2.Timeout(300, connect=5)
STREAM = httpx2.Timeout(120, connect=5)  # between two pieces of an answer, not for all of it


def make_http_client() -> httpx2.AsyncClient:
    """Return a guarded client: no proxies from the environment, no redirects, no packed answers."""
    return httpx2.AsyncClient(
        transport=GuardedTransport(),
        timeout=CONTROL,
        trust_env=False,
        follow_redirects=False,
        headers={"Accept-Encoding": "identity"},
    )
