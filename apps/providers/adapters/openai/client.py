"""Makes the SDK's client for one connection: guarded, with time-outs, without hidden retries."""

from collections.abc import Mapping
from functools import cache
from importlib import import_module

import openai

from apps.providers.adapters.account import Account
from apps.providers.adapters.http import CONTROL, make_http_client
from apps.providers.adapters.reader import Reader


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


def make_reader(account: Account) -> Reader:
    """Return what reads much and often: the same server with the same headers as the client's."""
    whose = {
        "Authorization": f"Bearer {account.key}",
        "OpenAI-Organization": account.organization,
        "OpenAI-Project": account.project,
    }
    told = {name: text for name, text in whose.items() if text}
    headers = {**_headers_of_everybody(), **told}
    return Reader(account.base_url, headers, keeps_sockets=account.keeps_sockets)


@cache
def _headers_of_everybody() -> Mapping[str, str]:
    """Return what the SDK's client says of itself; making one takes longer than reading a row."""
    nobody = make_client(Account("http://127.0.0.1/v1", "unused"))
    told = {name: text for name, text in nobody.default_headers.items() if isinstance(text, str)}
    return {name: text for name, text in told.items() if name != "Authorization"}


def warm_up() -> None:
    """Load what the first call would have to wait for (about a third of a second)."""
    import_module("apps.providers.adapters.openai.adapter")
    _headers_of_everybody()
    client = make_client(Account("http://127.0.0.1/v1", "unused"))
    for part in ("models", "files", "fine_tuning", "chat", "completions"):
        getattr(client, part)
    _ = client.fine_tuning.jobs.checkpoints, client.chat.completions
