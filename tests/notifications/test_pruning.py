"""What is old and needs nobody's attention is forgotten; all else stays."""

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.notifications import services, tasks
from apps.notifications.models import Delivery, Kind, Notification, Webhook
from tests.factories import make_job

OLD, YOUNG = timedelta(days=91), timedelta(days=89)


@pytest.fixture
def told(owner):
    """Write a notification of this age about a job that has ended."""

    def write(age: timedelta = OLD, **fields) -> Notification:
        job = make_job(workspace=owner.workspace, status="succeeded", finished_at=timezone.now())
        return Notification.objects.create(
            workspace=owner.workspace,
            job=job,
            kind=Kind.SUCCEEDED,
            happened_at=timezone.now() - age,
            created_at=timezone.now() - age,
            **fields,
        )

    return write


@pytest.fixture
def hook(owner):
    return Webhook.objects.create(workspace=owner.workspace, name="Desk", url="https://desk.test/")


def joined_long_ago(*members) -> None:
    for member in members:
        type(member).objects.filter(pk=member.pk).update(created_at=timezone.now() - 2 * OLD)
        member.refresh_from_db()


def test_what_everybody_has_seen_goes_when_it_is_old(owner, told):
    joined_long_ago(owner)
    old, young = told(OLD), told(YOUNG)
    tasks.prune()
    assert set(Notification.objects.all()) == {old, young}
    services.mark_seen(membership=owner)
    tasks.prune()
    assert Notification.objects.get() == young


def test_what_one_active_member_has_not_seen_stays(owner, viewer, told):
    joined_long_ago(owner, viewer)
    told()
    services.mark_seen(membership=owner)
    tasks.prune()
    assert Notification.objects.exists()
    viewer.user.is_active = False
    viewer.user.save()
    tasks.prune()
    assert not Notification.objects.exists()


def test_whoever_came_later_is_not_waited_for(owner, told):
    told()
    tasks.prune()
    assert not Notification.objects.exists()


def test_what_a_job_under_way_was_told_of_is_not_told_again(owner, told):
    notification = told()
    type(notification.job).objects.update(status="running", finished_at=None)
    tasks.prune()
    assert Notification.objects.exists()


def test_deliveries_go_when_they_have_ended(owner, told, hook):
    at = timezone.now()
    ages = {"delivered_at": OLD, "gave_up_at": OLD, "next_try_at": OLD, "created_at": YOUNG}
    made = {}
    for name, age in ages.items():
        fields = {"created_at": at - age, name: at - age}
        made[name] = Delivery.objects.create(notification=told(), webhook=hook, **fields)
    young = Delivery.objects.filter(pk=made["created_at"].pk)
    young.update(delivered_at=at)
    tasks.prune()
    left = {delivery.pk for delivery in Delivery.objects.all()}
    assert left == {made["next_try_at"].pk, made["created_at"].pk}
    assert Notification.objects.count() == 2  # those that the rest belongs to
