"""The one place that turns a connection into an adapter."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from django.utils.translation import gettext_noop as _

from apps.core.sentences import Sentence
from apps.providers import deploy_keys, keys
from apps.providers.models import Connection
from apps.providers.profiles import profile_for
from apps.providers.types import Provider, ProviderError


@asynccontextmanager
async def open_provider(connection: Connection) -> AsyncIterator[Provider]:
    """Yield the adapter of this connection; its sockets are closed afterwards."""
    # Imported here: the SDK takes a third of a second, and most processes may never call out.
    from apps.providers.adapters.account import Account
    from apps.providers.adapters.openai.adapter import OpenAIProvider

    account = Account(
        base_url=connection.address,
        key=_key_of(connection),
        organization=connection.organization,
        project=connection.project,
        details=connection.details,
        deploy_secret=deploy_keys.decrypt(connection),
    )
    provider = OpenAIProvider(account, profile_for(connection.profile))
    try:
        yield provider
    finally:
        await provider.close()


def _key_of(connection: Connection) -> str:
    try:
        return keys.decrypt(connection.encrypted_key, base_url=connection.base_url)
    except (keys.KeyUnreadable, keys.KeyNotForThisAddress):
        words = _("The key of “%(name)s” cannot be used any more. Enter it again.")
        sentence = Sentence(words, name=connection.name)
        raise ProviderError(sentence, code="key_unreadable") from None
