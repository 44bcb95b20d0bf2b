"""Makes the SDK's client for one connection: guarded, with time-outs, without hidden retries."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import httpx2
import openai

from apps.providers.guard import GuardedTransport

CONTROL = httpx2.Timeout(20, connect=5)
UPLOAD = httpx2.Timeout(300, connect=5)
STREAM = httpx2.Timeout(120, connect=5)  # between two pieces of an answer, not for all of it


@dataclass(frozen=True, slots=True)
class Account:
    """What it takes to speak for one connection."""

    base_url: str
    key: str
    organization: str = ""
    project: str = ""
    details: Mapping[str, str] = field(default_factory=dict)  # what only its profile asks for
    deploy_secret: str = ""  # Azure: of the application that deploys

    @property
    def origin(self) -> str:
        """`https://host:port`, for the words about it."""
        scheme, _, rest = self.base_url.partition("://")
        return f"{scheme}://{rest.split('/')[0]}"


def make_http_client() -> httpx2.AsyncClient:
    """Return a guarded client: no proxies from the environment, no redirects, no packed answers."""
    return httpx2.AsyncClient(
        transport=GuardedTransport(),
        timeout=CONTROL,
        trust_env=False,
        follow_redirects=False,
        headers={"Accept-Encoding": "identity"},
    )


def make_client(account: Account) -> openai.AsyncOpenAI:
    """Return a client that talks to this account only and takes nothing from the environment."""
    client = openai.AsyncOpenAI(
        api_key=account.key,
        base_url=account.base_url,
        http_client=make_http_client(),
        timeout=CONTROL,
        max_retries=0,
    )
    # Set afterwards: given as None, the SDK would take another account's from the environment.
    client.organization = account.organization or None
    client.project = account.project or None
    client.admin_api_key = None
    return client


def warm_up() -> None:
    """Load what the first call would have to wait for (about a third of a second)."""
    client = make_client(Account("http://127.0.0.1/v1", "unused"))
    for part in ("models", "files", "fine_tuning", "chat"):
        getattr(client, part)
    _ = client.fine_tuning.jobs.checkpoints, client.chat.completions
