"""Tokens that let a script in: made once, kept as a hash, compared by lookup."""

import hashlib
import secrets
from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from apps.accounts.models import ApiToken

PREFIX = "rt-"
USE_NOTED_EVERY = timedelta(minutes=1)


def new_token() -> str:
    """Return a token that nobody can guess (256 random bits)."""
    return PREFIX + secrets.token_urlsafe(32)


def hash_token(raw: str) -> str:
    """Return what is kept of a token. Plain SHA-256 suffices: there is nothing to guess."""
    return hashlib.sha256(raw.encode("utf-8", "surrogatepass")).hexdigest()


async def aauthenticate(raw: str) -> ApiToken | None:
    """Return the token with its workspace, or None when it is unknown or revoked."""
    usable = ApiToken.objects.filter(revoked_at=None).select_related("workspace")
    token = await usable.filter(token_hash=hash_token(raw)).afirst()
    if token:
        await _note_use(token)
    return token


async def _note_use(token: ApiToken) -> None:
    """Remember the time of use, at most once a minute: not a write for every request."""
    now = timezone.now()
    if token.last_used_at and token.last_used_at > now - USE_NOTED_EVERY:
        return
    stale = Q(last_used_at=None) | Q(last_used_at__lte=now - USE_NOTED_EVERY)
    await ApiToken.objects.filter(stale, pk=token.pk).aupdate(last_used_at=now)
