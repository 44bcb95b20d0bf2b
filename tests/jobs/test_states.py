"""The table of states in docs/job-life.md, cell by cell: what it says is what happens."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.utils import timezone

from apps.jobs import tasks, wishes
from apps.jobs.models import Job
from apps.providers.types import TERMINAL, JobStatus, ProviderUnavailable
from tests.factories import make_job
from tests.jobs.conftest import later
from tests.jobs.provider import FakeProvider

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "job-life.md"
NOTHING, GONE = "–", "*gone*"
NOT_THERE_YET = {JobStatus.HELD, JobStatus.PENDING}
ID = "ftjob-1"


def table() -> dict[str, dict[str, str]]:
    """Return the cells of the table by status and event."""
    text = DOCUMENT.read_text().partition("<!-- states -->")[2].partition("\n\n")[0]
    rows = [
        [cell.strip().replace("`", "") for cell in line.strip("|").split("|")]
        for line in text.strip().splitlines()
    ]
    head, _rule, *body = rows
    events = [name.replace("`", "") for name in head[1:]]
    return {row[0]: dict(zip(events, row[1:], strict=True)) for row in body}


def poll(job: Job) -> None:
    later(job)
    tasks.poll_due_jobs()


def says(status: str) -> Callable[[FakeProvider, Job], None]:
    def event(provider: FakeProvider, job: Job) -> None:
        if provider.jobs:
            provider.tell(ID, status=status, provider_status="warming_up")
        poll(job)

    return event


def cannot_be_asked(provider: FakeProvider, job: Job) -> None:
    provider.fail("get_job", ProviderUnavailable("busy"))
    poll(job)


def says_404(provider: FakeProvider, job: Job) -> None:
    provider.jobs.clear()
    for _time in range(3):
        poll(job)


def asks(wish: Callable[..., object]) -> Callable[[FakeProvider, Job], None]:
    def event(_provider: FakeProvider, job: Job) -> None:
        wish(job=job)
        if Job.objects.get(pk=job.pk).wish:
            tasks.advance_job(job_id=job.pk)
            poll(job)

    return event


def deletes(_provider: FakeProvider, job: Job) -> None:
    wishes.delete_job(job=job, at_provider=False)


def has_its_turn(_provider: FakeProvider, job: Job) -> None:
    tasks.advance_job(job_id=job.pk)


EVENTS: dict[str, Callable[[FakeProvider, Job], None]] = {
    "its turn comes": has_its_turn,
    "says running": says(JobStatus.RUNNING),
    "says a new word": says(JobStatus.UNKNOWN),
    "says it is over": says(JobStatus.SUCCEEDED),
    "cannot be asked": cannot_be_asked,
    "says 404 three times": says_404,
    "stop": asks(wishes.cancel_job),
    "pause": asks(wishes.pause_job),
    "go on": asks(wishes.resume_job),
    "delete here": deletes,
}


def test_the_table_has_every_status_and_every_event():
    cells = table()
    assert set(cells) == set(JobStatus.values)
    assert all(list(row) == list(EVENTS) for row in cells.values())


@pytest.mark.parametrize("status", JobStatus.values)
def test_what_the_table_says_is_what_happens(status, owner, connection, provider, monkeypatch):
    monkeypatch.setattr(wishes, "_offers", lambda _job, _call: True)
    found = {}
    for name, event in EVENTS.items():
        provider.__init__()
        job = job_in(status, owner.workspace, connection)
        if job.provider_job_id:
            provider.add_job(ID, status=JobStatus(status))
        event(provider, job)
        after = Job.objects.filter(pk=job.pk).values_list("status", flat=True).first()
        found[name] = {None: GONE, status: NOTHING}.get(after, after)
        Job.objects.all().delete()
    assert found == table()[status]


def job_in(status: str, workspace, connection) -> Job:
    is_there = status not in NOT_THERE_YET
    return make_job(
        workspace=workspace,
        connection=connection,
        status=status,
        provider_job_id=ID if is_there else "",
        finished_at=timezone.now() if status in TERMINAL else None,
    )
