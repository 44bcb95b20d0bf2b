"""The one place that turns a connection into an adapter."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from django.utils.translation import gettext_noop as _

from apps.core.sentences import Sentence
from apps.providers import deploy_keys, keys
from apps.providers.adapters.account import Account
from apps.providers.models import Connection
from apps.providers.profiles import Profile, profile_for
from apps.providers.types import Provider, ProviderError


@asynccontextmanager
async def open_provider(
    connection: Connection, *, keeps_sockets: bool = False
) -> AsyncIterator[Provider]:
    """Yield the adapter of this connection; its sockets are closed afterwards.

    With `keeps_sockets` those of answers wait for the next question: for an event loop that stays.
    """
    account = Account(
        base_url=connection.address,
        key=_key_of(connection),
        organization=connection.organization,
        project=connection.project,
        details=connection.details,
        deploy_secret=deploy_keys.decrypt(connection),
        keeps_sockets=keeps_sockets,
    )
    provider = adapter_for(account, profile_for(connection.profile))
    try:
        yield provider
    finally:
        await provider.close()


def adapter_for(account: Account, profile: Profile) -> Provider:
    """Return what speaks this profile's API: OpenAI's, where it has none of its own."""
    # Imported here: the SDK takes a third of a second, and most processes may never call out.
    match profile.name:
        case "together":
            from apps.providers.adapters.together.adapter import TogetherProvider

            return TogetherProvider(account, profile)
        case "fireworks":
            from apps.providers.adapters.fireworks.adapter import FireworksProvider

            return FireworksProvider(account, profile)
        case _:
            from apps.providers.adapters.openai.adapter import OpenAIProvider

            return OpenAIProvider(account, profile)


def _key_of(connection: Connection) -> str:
    try:
        return keys.decrypt(connection.encrypted_key, base_url=connection.base_url)
    except (keys.KeyUnreadable, keys.KeyNotForThisAddress):
        words = _("The key of “%(name)s” cannot be used any more. Enter it again.")
        sentence = Sentence(words, name=connection.name)
        raise ProviderError(sentence, code="key_unreadable") from None
