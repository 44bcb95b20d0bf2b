"""A page of a list asks the database as often for many rows as for two."""

from collections.abc import Callable

import pytest
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from apps.accounts.models import Membership
from apps.notifications.models import Kind, Notification
from apps.playground.models import Column, Conversation
from tests.factories import (
    make_connection,
    make_job,
    make_recording,
    make_run,
    make_saved_case,
    make_sweep,
    make_tuned_model,
    make_version,
)

FEW, MANY = 2, 6


def a_notification(owner: Membership) -> None:
    job = make_job(workspace=owner.workspace)
    kind, moment = Kind.SUCCEEDED, timezone.now()
    Notification.objects.create(workspace=owner.workspace, job=job, kind=kind, happened_at=moment)


def a_conversation(owner: Membership) -> None:
    job = make_job(workspace=owner.workspace)
    shared = {"workspace": owner.workspace, "created_by": owner.user, "job": job}
    conversation = Conversation.objects.create(title="Hi", **shared)
    for place in range(2):
        connection = make_connection(workspace=owner.workspace)
        Column.objects.create(
            conversation=conversation, position=place, connection=connection, model="m"
        )


def a_run(owner: Membership) -> None:
    connection = make_connection(workspace=owner.workspace)
    data = make_version(workspace=owner.workspace)
    make_run(workspace=owner.workspace, connection=connection, data=data)


LISTS: dict[str, Callable[[Membership], object]] = {
    "datasets:list": lambda owner: make_version(workspace=owner.workspace),
    "evals:list": a_run,
    "evals:recordings": lambda owner: make_recording(workspace=owner.workspace),
    "evals:cases": lambda owner: make_saved_case(workspace=owner.workspace),
    "jobs:list": lambda owner: make_job(workspace=owner.workspace),
    "library:list": lambda owner: make_tuned_model(workspace=owner.workspace),
    "notifications:list": a_notification,
    "playground:list": a_conversation,
    "sweeps:list": lambda owner: make_sweep(workspace=owner.workspace),
}


@pytest.mark.parametrize("name", LISTS)
def test_a_list_asks_as_often_for_many_rows_as_for_two(
    client: Client, owner: Membership, name: str
) -> None:
    def asked_with(rows: int) -> int:
        for _ in range(rows):
            LISTS[name](owner)
        client.get(reverse(name))  # what is asked once stays in the cache
        with CaptureQueriesContext(database) as queries:
            assert client.get(reverse(name)).status_code == 200
        return len(queries)

    assert asked_with(FEW) == asked_with(MANY - FEW)
