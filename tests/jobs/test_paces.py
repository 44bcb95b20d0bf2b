"""The time that a training should take is that of earlier jobs, or is not told."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.providers.models import Connection
from apps.providers.types import JobStatus
from tests.factories import make_connection, make_job, make_version

TOKENS = {"total": 1000, "min": 20, "median": 20, "p95": 20, "max": 20, "over_limit": 0}


@pytest.fixture
def engine(owner):
    return make_connection(workspace=owner.workspace, profile=Connection.Profile.ENGINE)


@pytest.fixture
def version(owner):
    statistics = {"rows": 100, "tokens": {"bytes": TOKENS, "o200k_base": TOKENS}}
    return make_version(workspace=owner.workspace, statistics=statistics)


def finish(engine, version, *, seconds, tokens=1000, status=JobStatus.SUCCEEDED):
    now = timezone.now()
    make_job(
        workspace=version.workspace,
        connection=engine,
        training_data=version,
        status=status,
        trained_tokens=tokens,
        started_at=now - timedelta(seconds=seconds),
        finished_at=now,
    )


def row_of(client, version, model="tiny-chat-1m"):
    page = client.get(version.get_absolute_url()).content.decode()
    return page.split(model)[1].split("</tr>")[0]


def test_no_time_is_made_up(client, engine, version):
    finish(engine, version, seconds=5, status=JobStatus.FAILED)
    assert "≈" not in row_of(client, version)


def test_the_report_tells_the_time_of_earlier_jobs(client, engine, version):
    finish(engine, version, seconds=2)
    epochs = int(row_of(client, version).split('<td class="number">')[1].split("<")[0])
    assert f"≈ {2 * epochs} s" in row_of(client, version)


def test_jobs_that_differ_give_a_range(client, engine, version):
    finish(engine, version, seconds=2)
    finish(engine, version, seconds=3, tokens=1000)
    assert " to " in row_of(client, version).split("≈")[1]


def test_jobs_of_another_workspace_tell_nothing(client, stranger, version):
    theirs = make_connection(workspace=stranger.workspace, profile=Connection.Profile.ENGINE)
    finish(theirs, make_version(workspace=stranger.workspace), seconds=2)
    assert "≈" not in row_of(client, version)


def test_the_form_tells_the_same_range(client, engine, version):
    finish(engine, version, seconds=2)
    finish(engine, version, seconds=3)
    chosen = {
        "training_data": version.public_id,
        "connection": engine.public_id,
        "base_model": "tiny-chat-1m",
        "n_epochs": 10,
    }
    text = client.get(reverse("jobs:estimate"), chosen).content.decode()
    assert "≈ 20 s to 30 s" in text
