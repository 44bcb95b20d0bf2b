"""Connections: made, changed, tested, deleted; their secrets encrypted on the way in."""

from collections.abc import Mapping

from django.conf import settings
from django.db import transaction
from django.db.models import ProtectedError
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.accounts.models import Workspace
from apps.providers import deploy_keys, keys, registry
from apps.providers.models import Connection
from apps.providers.profiles import profile_for
from apps.providers.types import CheckResult, ProviderError
from apps.providers.validators import validate_header_text


class KeyNeeded(Exception):
    """The address changed, and a key never travels to an address it was not typed in for."""

    def __init__(self, message: str, *, field: str = "key") -> None:
        super().__init__(message)
        self.field = field


class ConnectionInUse(Exception):
    """Jobs or conversations still point at this connection."""


def create_connection(
    *,
    workspace: Workspace,
    name: str,
    profile: str,
    base_url: str,
    key: str,
    organization: str = "",
    project: str = "",
    calls_per_minute: int | None = None,
    details: Mapping[str, str] | None = None,
    deploy_secret: str = "",
) -> Connection:
    """Save a connection; its key is encrypted and bound to the base URL."""
    connection = Connection(
        workspace=workspace,
        name=name,
        profile=profile,
        base_url=keys.canonical(base_url),
        organization=organization,
        project=project,
        calls_per_minute=calls_per_minute,
    )
    _set_key(connection, key)
    _set_details(connection, details or {}, deploy_secret)
    connection.full_clean()
    connection.save()
    return connection


def update_connection(
    *,
    connection: Connection,
    name: str,
    profile: str,
    base_url: str,
    key: str = "",
    organization: str = "",
    project: str = "",
    calls_per_minute: int | None = None,
    details: Mapping[str, str] | None = None,
    deploy_secret: str = "",
) -> Connection:
    """Change a connection. Without a new key the old one stays, if the address does too."""
    address = keys.canonical(base_url)
    if not key and address != connection.base_url:
        raise KeyNeeded(_("The address changed, so enter its key again."))
    connection.name, connection.profile, connection.base_url = name, profile, address
    connection.organization, connection.project = organization, project
    connection.calls_per_minute = calls_per_minute
    if key:
        _set_key(connection, key)
    _set_details(connection, details or {}, deploy_secret)
    connection.last_tested_at, connection.last_test_ok = None, None
    connection.last_test_message = ""
    connection.full_clean()
    connection.save()
    return connection


async def test_connection(connection: Connection) -> CheckResult:
    """Ask the provider for its models, and keep what it said on the row."""
    try:
        async with registry.open_provider(connection) as provider:
            result = await provider.check()
    except ProviderError as exc:  # the key could not even be read
        result = CheckResult(ok=False, message=exc.words)
    now = timezone.now()
    await Connection.objects.filter(pk=connection.pk).aupdate(
        last_tested_at=now,
        last_test_ok=result.ok,
        last_test_message=result.message,
        updated_at=now,
    )
    return result


def delete_connection(*, connection: Connection) -> None:
    """Delete a connection and its key. Raises ConnectionInUse with words for people."""
    if connection.is_engine:
        raise ConnectionInUse(_("This machine's own connection cannot be deleted."))
    try:
        connection.delete()
    except ProtectedError:
        words = _("“%(name)s” is used by jobs, conversations or evals. Delete those first.")
        raise ConnectionInUse(words % {"name": connection.name}) from None


@transaction.atomic
def connect_engine(*, workspace: Workspace, key: str) -> Connection:
    """Make the workspace's connection to the engine of this installation, or give it a new key."""
    connection, _created = Connection.objects.update_or_create(
        workspace=workspace,
        profile=Connection.Profile.ENGINE,
        defaults=_engine_defaults(key),
        create_defaults={"name": _("This machine"), **_engine_defaults(key)},
    )
    return connection


def _set_key(connection: Connection, key: str) -> None:
    validate_header_text(key)
    connection.encrypted_key = keys.encrypt(key, base_url=connection.base_url)
    connection.key_last_four = key[-4:] if len(key) > 8 else ""  # four of eight would say too much


def _set_details(connection: Connection, details: Mapping[str, str], secret: str) -> None:
    """Keep what only this kind needs. A saved secret stays with the tenant it was typed in for."""
    moved = details.get("tenant") != connection.details.get("tenant")
    connection.details = {name: text for name, text in details.items() if text}
    if not connection.details or not profile_for(connection.profile).deploy_secret:
        connection.encrypted_deploy_secret = ""
    elif secret:
        tenant = details.get("tenant", "")
        connection.encrypted_deploy_secret = deploy_keys.encrypt(
            secret, profile=connection.profile, tenant=tenant
        )
    elif moved or not connection.encrypted_deploy_secret:
        words = _("Enter the secret that belongs to this tenant.")
        raise KeyNeeded(words, field="deploy_secret")


def _engine_defaults(key: str) -> dict[str, str]:
    base_url = keys.canonical(settings.ENGINE_URL)
    encrypted = keys.encrypt(key, base_url=base_url)
    return {"base_url": base_url, "encrypted_key": encrypted, "key_last_four": key[-4:]}
