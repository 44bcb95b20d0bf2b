"""Provider keys at rest: encrypted, and bound to the address they were typed in for."""

import json
from urllib.parse import urlsplit, urlunsplit

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class KeyUnreadable(Exception):
    """None of ENCRYPTION_KEYS opens this row; the key has to be typed in again."""


class KeyNotForThisAddress(Exception):
    """The key was saved for another server and never travels to this one."""


def canonical(base_url: str) -> str:
    """Return the one spelling of an address: lower-case host, no slash at the end."""
    parts = urlsplit(base_url.strip())
    host = parts.netloc.lower()
    return urlunsplit((parts.scheme.lower(), host, parts.path.rstrip("/"), parts.query, ""))


def encrypt(key: str, *, base_url: str) -> str:
    """Return the key and its address as one encrypted text."""
    payload = json.dumps([canonical(base_url), key])
    return _fernet().encrypt(payload.encode()).decode()


def decrypt(encrypted: str, *, base_url: str) -> str:
    """Return the key, but only to the address it was saved for."""
    try:
        address, key = json.loads(_fernet().decrypt(encrypted.encode()))
    except InvalidToken:
        raise KeyUnreadable from None
    if address != canonical(base_url):
        raise KeyNotForThisAddress
    return str(key)


def rotate(encrypted: str) -> str:
    """Return the same secret, encrypted with the newest of ENCRYPTION_KEYS."""
    try:
        return _fernet().rotate(encrypted.encode()).decode()
    except InvalidToken:
        raise KeyUnreadable from None


def _fernet() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.ENCRYPTION_KEYS])
