"""What a notification says: a line for a list, a few for an e-mail, JSON for programs."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urljoin

from django.conf import settings
from django.utils.translation import gettext as _

from apps.jobs.models import Job
from apps.notifications.models import Delivery, Kind, Notification

TRIAL = "retune.trial"


def title(notification: Notification) -> str:
    """Say what happened, in one line."""
    facts = {"name": notification.job.name}
    lines = {
        Kind.SUCCEEDED: _("“%(name)s” succeeded."),
        Kind.FAILED: _("“%(name)s” failed."),
        Kind.CANCELLED: _("“%(name)s” was cancelled."),
        Kind.STALLED: _("“%(name)s” stands still: its provider has said nothing new for long."),
        Kind.HELD: _("“%(name)s” waits for approval: it would go over the budget."),
    }
    return lines[Kind(notification.kind)] % facts


def body(notification: Notification) -> str:
    """Return the text of an e-mail about it."""
    job = notification.job
    lines = [
        title(notification),
        "",
        _("Connection: %(name)s") % {"name": job.connection.name},
        _("Base model: %(name)s") % {"name": job.base_model},
    ]
    if job.fine_tuned_model:
        lines.append(_("Tuned model: %(name)s") % {"name": job.fine_tuned_model})
    if notification.kind == Kind.FAILED and job.error:
        lines += ["", _("The reason given: %(words)s") % {"words": job.error}]
    return "\n".join([*lines, "", address(job)])


def payload(delivery: Delivery) -> Mapping[str, Any]:
    """Return what a webhook is sent; the shape of OpenAI's events, with more facts in `data`."""
    notification = delivery.notification
    happened_at = notification.happened_at if notification else delivery.created_at
    return {
        "id": f"evt_{delivery.public_id.hex}",
        "object": "event",
        "type": notification.kind if notification else TRIAL,
        "created_at": int(happened_at.timestamp()),
        "data": _facts(notification.job) if notification else {},
    }


def address(job: Job) -> str:
    """Return the whole address of a job's page."""
    return urljoin(str(settings.PUBLIC_URL), job.get_absolute_url())


def _facts(job: Job) -> dict[str, Any]:
    return {
        "id": job.provider_job_id,
        "retune_id": str(job.public_id),
        "name": job.name,
        "status": job.status,
        "connection": job.connection.name,
        "model": job.base_model,
        "fine_tuned_model": job.fine_tuned_model or None,
        "error": job.error or None,
        "url": address(job),
    }
