"""Forgets what everybody has read, and what was delivered, once it is old."""

from datetime import datetime, timedelta

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from apps.accounts.models import Membership
from apps.notifications.models import Delivery, Notification

KEPT = timedelta(days=90)
ROWS_PER_TICK = 2_000  # of each kind: the next tick goes on


def prune(*, at: datetime) -> None:
    """Delete finished deliveries, then notifications that nobody still has to see."""
    finished = Q(delivered_at__isnull=False) | Q(gave_up_at__isnull=False)
    _delete(Delivery.objects.filter(finished, created_at__lt=at - KEPT))
    _delete(_read().filter(created_at__lt=at - KEPT))


def _read() -> QuerySet[Notification]:
    """Of a job that goes on, the row is also the mark that people were told: it stays."""
    active = Membership.objects.filter(workspace=OuterRef("workspace"), user__is_active=True)
    members = active.alias(seen_until=Coalesce(F("inbox__seen_at"), F("created_at")))
    unaware = members.filter(seen_until__lt=OuterRef("created_at"))
    deliveries = Delivery.objects.filter(notification=OuterRef("pk"))
    ended = Notification.objects.filter(job__finished_at__isnull=False)
    return ended.filter(~Exists(deliveries), ~Exists(unaware))


def _delete(rows: QuerySet[Delivery] | QuerySet[Notification]) -> None:
    ids = list(rows.order_by("created_at").values_list("pk", flat=True)[:ROWS_PER_TICK])
    rows.model._default_manager.filter(pk__in=ids).delete()
