"""What monitors are told, and that they are told no more."""

from datetime import timedelta

from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.datasets.models import Version
from apps.home.tasks import note_heartbeat
from tests.factories import make_job, make_version

URL = reverse("home:health")


def test_a_monitor_needs_no_account_and_learns_no_names(db):
    response = Client().get(URL)
    assert response.status_code == 200
    assert response.json() == {
        "status": "ok",
        "database": True,
        "queue": True,
        "worker_heartbeat_seconds": None,
        "oldest_overdue_seconds": None,
    }


def test_the_oldest_work_past_its_time_is_told(owner):
    now = timezone.now()
    make_version(
        workspace=owner.workspace,
        status=Version.Status.CHECKING,
        next_check_at=now - timedelta(seconds=90),
    )
    make_job(workspace=owner.workspace, next_step_at=now - timedelta(seconds=700))
    overdue = Client().get(URL).json()["oldest_overdue_seconds"]
    assert 700 <= overdue < 760


def test_the_heartbeat_comes_through_the_worker(db):
    note_heartbeat.delay()
    assert Client().get(URL).json()["worker_heartbeat_seconds"] < 5


def test_a_database_that_refuses_is_503_and_not_a_crash(transactional_db):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE jobs_job RENAME TO jobs_job_away")
    try:
        response = Client().get(URL)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE jobs_job_away RENAME TO jobs_job")
    assert (response.status_code, response.json()["database"]) == (503, False)


def test_a_queue_that_is_gone_is_503_and_not_a_crash(db, settings):
    backend = "django.core.cache.backends.redis.RedisCache"
    settings.CACHES = {"default": {"BACKEND": backend, "LOCATION": "redis://127.0.0.1:1/0"}}
    response = Client().get(URL)
    assert (response.status_code, response.json()["queue"]) == (503, False)
