"""The secret with which Retune deploys: encrypted, and bound to the tenant it was typed in for."""

from apps.providers import keys
from apps.providers.models import Connection
from apps.providers.profiles import profile_for


def encrypt(secret: str, *, profile: str, tenant: str) -> str:
    """Return the secret and where it may be shown, as one encrypted text."""
    return keys.encrypt(secret, base_url=_address(profile, tenant))


def decrypt(connection: Connection) -> str:
    """Return the secret; "" when there is none that can be used for this tenant."""
    if not connection.encrypted_deploy_secret:
        return ""
    address = _address(connection.profile, connection.details.get("tenant", ""))
    try:
        return keys.decrypt(connection.encrypted_deploy_secret, base_url=address)
    except (keys.KeyUnreadable, keys.KeyNotForThisAddress):
        return ""


def _address(profile: str, tenant: str) -> str:
    return f"{profile_for(profile).deployment.facts.get('login_url', '')}/{tenant}"
