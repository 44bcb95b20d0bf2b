"""Who may write a job's row: one at a time, only while the lease lasts, never after the end."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection
from django.utils import timezone

from apps.engine import lifecycle
from apps.engine.lifecycle import LEASE, ClaimLost
from apps.engine.models import JobStatus, TrainingJob
from tests.engine.jobs import make_training_job
from tests.factories import make_workspace

WAITING = [JobStatus.QUEUED, JobStatus.RUNNING]
SECOND = timedelta(seconds=1)


def test_a_claimed_job_is_free_again_only_when_its_lease_is_over(db) -> None:
    make_training_job()
    now = timezone.now()
    first = lifecycle.claim_next(WAITING, at=now)
    assert first is not None
    assert lifecycle.claim_next(WAITING, at=now + LEASE - SECOND) is None

    lifecycle.renew([lifecycle.claim_of(first)], at=now + LEASE - SECOND)
    assert lifecycle.claim_next(WAITING, at=now + LEASE + SECOND) is None

    second = lifecycle.claim_next(WAITING, at=now + 2 * LEASE)
    assert second == first
    assert second.events.get().message.startswith("Training was interrupted: its trainer went")


def test_a_job_that_was_given_back_is_free_at_once_and_not_counted_as_interrupted(db) -> None:
    make_training_job()
    now = timezone.now()
    lifecycle.give_back(lifecycle.claim_of(lifecycle.claim_next(WAITING, at=now)))
    job = lifecycle.claim_next(WAITING, at=now)
    assert (job.interruptions, job.events.count()) == (0, 0)


def test_whoever_lost_a_job_can_write_nothing_more(db) -> None:
    make_training_job()
    now = timezone.now()
    late = lifecycle.claim_next(WAITING, at=now)
    lifecycle.claim_next(WAITING, at=now + LEASE)
    with pytest.raises(ClaimLost):
        lifecycle.advance(late.claim, status=JobStatus.RUNNING)
    with pytest.raises(ClaimLost):
        lifecycle.hold(late.claim)
    with pytest.raises(ClaimLost):
        lifecycle.fail(late, code="x", message="Too late")
    late.refresh_from_db()
    assert (late.status, late.error_code) == ("queued", "")


def test_an_end_is_never_overwritten(db) -> None:
    make_training_job()
    job = lifecycle.claim_next(WAITING, at=timezone.now())
    lifecycle.cancel(job)
    with pytest.raises(ClaimLost):
        lifecycle.fail(job, code="x", message="Too late")
    lifecycle.interrupted(job.claim, "too late", at=timezone.now())
    job.refresh_from_db()
    assert (job.status, job.claim, job.lease_until) == ("cancelled", None, None)


def test_a_job_whose_trainer_died_is_cancelled_when_that_was_asked_for(db) -> None:
    make_training_job()
    now = timezone.now()
    job = lifecycle.claim_next(WAITING, at=now)
    TrainingJob.objects.update(cancel_requested_at=now)
    assert lifecycle.claim_next(WAITING, at=now + LEASE) is None
    job.refresh_from_db()
    assert (job.status, job.interruptions) == ("cancelled", 0)


@pytest.mark.django_db(transaction=True)
def test_rival_trainers_never_get_the_same_job() -> None:
    workspace = make_workspace()
    for _ in range(20):
        make_training_job(workspace=workspace)

    def claim_all(_: int) -> list[int]:
        claimed = []
        while job := lifecycle.claim_next(WAITING, at=timezone.now()):
            claimed.append(job.pk)
        connection.close()
        return claimed

    with ThreadPoolExecutor(4) as rivals:
        claimed = [pk for pks in rivals.map(claim_all, range(4)) for pk in pks]
    assert len(claimed) == len(set(claimed)) == 20


@pytest.mark.parametrize(
    "nonsense",
    [
        {"status": "paused"},
        {"status": "cancelled"},  # without finished_at
        {"status": "running", "fine_tuned_model": "ft:x"},
        {"status": "running", "error_code": "x"},
        {"status": "running", "lease_until": timezone.now()},
    ],
)
def test_the_database_refuses_nonsense(db, nonsense: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError):
        make_training_job(**nonsense)
