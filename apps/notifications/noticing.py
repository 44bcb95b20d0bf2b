"""Finds what people should be told of: read from the jobs' rows, so that no end is missed."""

from collections.abc import Iterator
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef

from apps.accounts.models import Membership
from apps.jobs.models import Job, JobQuerySet
from apps.notifications.models import Delivery, Inbox, Kind, Notification, Webhook
from apps.providers.types import JobStatus

JOBS_PER_TICK = 200
ENDS = {
    JobStatus.SUCCEEDED: Kind.SUCCEEDED,
    JobStatus.FAILED: Kind.FAILED,
    JobStatus.CANCELLED: Kind.CANCELLED,
}


def notice(*, at: datetime) -> None:
    """Write a notification, and its deliveries, for each thing that nobody was told of."""
    untold = Job.objects.filter(finished_at__isnull=False, announced_at=None)
    for job in untold.order_by("finished_at", "pk")[:JOBS_PER_TICK]:
        _announce_end(job, at)
    for job, kind, happened_at in _hindrances():
        _announce(job, kind, happened_at)


@transaction.atomic
def _announce_end(job: Job, at: datetime) -> None:
    claimed = Job.objects.filter(pk=job.pk, announced_at=None).update(announced_at=at)
    if claimed and job.finished_at and not _was_over_when_found(job):
        _announce(job, ENDS[JobStatus(job.status)], job.finished_at)


def _was_over_when_found(job: Job) -> bool:
    """Tell whether a job made elsewhere had ended before Retune knew it: that is no news."""
    return job.is_imported and job.finished_at is not None and job.finished_at <= job.created_at


def _hindrances() -> Iterator[tuple[Job, Kind, datetime]]:
    stalled = Job.objects.active().exclude(stalled_at=None)
    for job in _untold(stalled, Kind.STALLED, happened_at=OuterRef("stalled_at")):
        if job.stalled_at:
            yield job, Kind.STALLED, job.stalled_at
    for job in _untold(Job.objects.filter(status=JobStatus.HELD), Kind.HELD):
        yield job, Kind.HELD, job.created_at


def _untold(jobs: JobQuerySet, kind: Kind, **facts: OuterRef) -> JobQuerySet:
    told = Notification.objects.filter(job=OuterRef("pk"), kind=kind, **facts)
    return jobs.exclude(Exists(told))[:JOBS_PER_TICK]


@transaction.atomic
def _announce(job: Job, kind: Kind, happened_at: datetime) -> None:
    notification, is_new = Notification.objects.get_or_create(
        job=job, kind=kind, happened_at=happened_at, defaults={"workspace_id": job.workspace_id}
    )
    if is_new:
        Delivery.objects.bulk_create([*_to_webhooks(notification), *_to_mailboxes(notification)])


def _to_webhooks(notification: Notification) -> Iterator[Delivery]:
    wanting = Webhook.objects.filter(
        workspace=notification.workspace_id, kinds__contains=[notification.kind]
    )
    for webhook in wanting:
        yield Delivery(notification=notification, webhook=webhook)


def _to_mailboxes(notification: Notification) -> Iterator[Delivery]:
    members = Membership.objects.filter(workspace=notification.workspace_id, user__is_active=True)
    for member in members.exclude(user__email="").select_related("inbox", "user"):
        if _wants_mail(member, notification.job):
            yield Delivery(notification=notification, user=member.user)


def _wants_mail(member: Membership, job: Job) -> bool:
    inbox: Inbox | None = getattr(member, "inbox", None)
    wish = inbox.email if inbox else Inbox.Email.NONE
    return wish == Inbox.Email.ALL or (
        wish == Inbox.Email.MINE and job.created_by_id == member.user_id
    )
