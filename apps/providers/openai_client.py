"""Makes the SDK's client for one connection: guarded, with time-outs, without hidden retries."""

import httpx2
import openai

from apps.providers.guard import GuardedTransport

CONTROL = httpx2.Timeout(20, connect=5)
UPLOAD = httpx2.Timeout(300, connect=5)
STREAM = httpx2.Timeout(120, connect=5)  # between two pieces of an answer, not for all of it


def make_client(
    *, base_url: str, key: str, organization: str = "", project: str = ""
) -> openai.AsyncOpenAI:
    """Return a client that talks to this base URL only and takes nothing from the environment."""
    http_client = httpx2.AsyncClient(
        transport=GuardedTransport(),
        timeout=CONTROL,
        trust_env=False,
        follow_redirects=False,
        headers={"Accept-Encoding": "identity"},
    )
    client = openai.AsyncOpenAI(
        api_key=key,
        base_url=base_url,
        http_client=http_client,
        timeout=CONTROL,
        max_retries=0,
    )
    # Set afterwards: given as None, the SDK would take another account's from the environment.
    client.organization = organization or None
    client.project = project or None
    client.admin_api_key = None
    return client


def warm_up() -> None:
    """Load what the first call would have to wait for (about a third of a second)."""
    client = make_client(base_url="http://127.0.0.1/v1", key="unused")
    for part in ("models", "files", "fine_tuning", "chat"):
        getattr(client, part)
    _ = client.fine_tuning.jobs.checkpoints, client.chat.completions
