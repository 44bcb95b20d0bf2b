"""What people are told about their jobs, and the ways it reaches them."""

import uuid
from datetime import datetime, timedelta
from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Membership, User, Workspace, WorkspaceQuerySet
from apps.core.leases import free
from apps.core.models import TimestampedModel
from apps.core.sentences import SentenceField
from apps.jobs.models import Job


class Kind(models.TextChoices):
    """What happened. The values are OpenAI's names of events where it has one."""

    SUCCEEDED = "fine_tuning.job.succeeded", _("A job succeeded")
    FAILED = "fine_tuning.job.failed", _("A job failed")
    CANCELLED = "fine_tuning.job.cancelled", _("A job was cancelled")
    STALLED = "retune.job.stalled", _("A job stands still")
    HELD = "retune.job.held", _("A job waits for approval")


class Notification(models.Model):
    """One thing that happened to one job; noticed twice, it is one row."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="notifications")
    kind = models.CharField(max_length=40, choices=Kind)
    happened_at = models.DateTimeField()
    created_at = models.DateTimeField(default=timezone.now)

    objects = WorkspaceQuerySet["Notification"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="notification_once", fields=["job", "kind", "happened_at"]
            ),
        ]
        indexes = [
            models.Index(name="notification_newest", fields=["workspace", "-created_at", "-id"])
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.job}"


class Inbox(models.Model):
    """What one member has seen, and what they want e-mails about."""

    class Email(models.TextChoices):
        NONE = "none", _("Nothing")
        MINE = "mine", _("Jobs that I started")
        ALL = "all", _("All jobs of the workspace")

    membership = models.OneToOneField(Membership, on_delete=models.CASCADE, related_name="inbox")
    seen_at = models.DateTimeField(default=timezone.now)
    email = models.CharField(max_length=10, choices=Email, default=Email.NONE)

    def __str__(self) -> str:
        return str(self.membership)


class Webhook(TimestampedModel):
    """An address that is told what happens, in signed requests (standardwebhooks.com)."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="webhooks")
    name = models.CharField(max_length=100)
    url = models.CharField(max_length=500)
    encrypted_secret = models.TextField()  # bound to the address (apps/providers/keys.py)
    kinds = ArrayField(models.CharField(max_length=40, choices=Kind), default=list)

    objects = WorkspaceQuerySet["Webhook"].as_manager()

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("notifications:webhook", args=[self.public_id])


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def due(self, at: datetime) -> Self:
        return self.filter(
            free("lease_until", at), delivered_at=None, gave_up_at=None, next_try_at__lte=at
        )

    def claim(self, *, at: datetime, lease: timedelta, limit: int) -> "list[Delivery]":
        """Take due deliveries for the length of the lease; rivals get the others."""
        with transaction.atomic():
            locked = self.due(at).order_by("next_try_at", "pk").select_for_update(skip_locked=True)
            ids = list(locked.values_list("pk", flat=True)[:limit])
            self.filter(pk__in=ids).update(lease_until=at + lease)
        details = self.select_related("webhook", "user", "notification__job__connection")
        return list(details.filter(pk__in=ids))

    def held_by(self, delivery: "Delivery") -> Self:
        """This delivery, while the worker that claimed it still holds its lease."""
        return self.filter(pk=delivery.pk, lease_until=delivery.lease_until)


class Delivery(models.Model):
    """One notification on its way to one webhook or one mailbox. No notification: a trial."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    notification = models.ForeignKey(
        Notification, on_delete=models.CASCADE, null=True, blank=True, related_name="deliveries"
    )
    webhook = models.ForeignKey(
        Webhook, on_delete=models.CASCADE, null=True, blank=True, related_name="deliveries"
    )
    user = models.ForeignKey(
        User, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(default=timezone.now)
    lease_until = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    gave_up_at = models.DateTimeField(null=True, blank=True)
    answer = SentenceField(blank=True)  # what the other side said last

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="delivery_has_one_destination",
                condition=Q(webhook__isnull=False, user=None) | Q(webhook=None, user__isnull=False),
            ),
            models.UniqueConstraint(
                name="delivery_once_per_webhook", fields=["notification", "webhook"]
            ),
            models.UniqueConstraint(name="delivery_once_per_user", fields=["notification", "user"]),
        ]
        indexes = [
            models.Index(
                name="delivery_due",
                fields=["next_try_at"],
                condition=Q(delivered_at=None, gave_up_at=None),
            ),
            models.Index(name="delivery_newest", fields=["webhook", "-created_at", "-id"]),
        ]

    def __str__(self) -> str:
        return f"{self.notification or 'trial'} → {self.webhook or self.user}"
