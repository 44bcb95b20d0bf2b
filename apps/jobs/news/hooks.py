"""What a provider's webhook changes here: somebody looks sooner. The news themselves are asked for.

A webhook may come twice, late, in any order, or never; whoever sends it decides nothing.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from django.core.cache import cache

from apps.jobs.models import Job
from apps.providers import keys, webhooks
from apps.providers.models import Connection

LARGEST_BODY = 64 * 1024  # bytes; the real ones have three hundred
REMEMBERED_SECONDS = 2 * webhooks.TOLERANCE_SECONDS + 60  # afterwards its time has passed
ABOUT_JOBS = "fine_tuning.job."


class NotGenuine(Exception):
    """Nobody we know sent this, or not now."""


def receive(connection_id: UUID, body: bytes, headers: Mapping[str, str], *, at: datetime) -> None:
    """Look sooner for news of the job that this webhook names. Raises NotGenuine."""
    connection = Connection.objects.filter(public_id=connection_id).first()
    if not webhooks.is_genuine(body, headers, _key_of(connection), at=at.timestamp()):
        raise NotGenuine
    if connection is None:
        raise NotGenuine
    told = f"jobs.hook.{connection.pk}.{headers['webhook-id']}"
    if not cache.get(told):
        _look_soon(connection, _job_in(body), at)
        cache.set(told, "heard", timeout=REMEMBERED_SECONDS)


def _key_of(connection: Connection | None) -> bytes | None:
    if connection is None or not connection.encrypted_webhook_secret:
        return None
    try:
        secret = keys.decrypt(connection.encrypted_webhook_secret, base_url=connection.base_url)
    except (keys.KeyUnreadable, keys.KeyNotForThisAddress):
        return None
    return webhooks.key_of(secret)


def _job_in(body: bytes) -> str:
    """Return the provider's id of the job; "" for news about anything else."""
    try:
        event = orjson.loads(body)
    except orjson.JSONDecodeError:
        return ""
    kind, data = _field(event, "type"), _field(event, "data")
    job_id = _field(data, "id")
    is_about_job = isinstance(kind, str) and kind.startswith(ABOUT_JOBS)
    return job_id if is_about_job and isinstance(job_id, str) and "\x00" not in job_id else ""


def _field(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, dict) else None


def _look_soon(connection: Connection, provider_job_id: str, at: datetime) -> None:
    mine = Job.objects.filter(connection=connection, provider_job_id=provider_job_id)
    if not provider_job_id:
        return
    if not mine.exists():
        followed = Connection.objects.filter(pk=connection.pk, follows_all_jobs=True)
        followed.update(next_import_at=at)
    mine.active().update(next_poll_at=at)
