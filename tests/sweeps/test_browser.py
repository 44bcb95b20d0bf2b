"""From one job to the best of several: make, stop, clone, compare, sweep."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from apps.accounts.models import Membership
from apps.jobs import tasks as job_tasks
from apps.jobs.models import Job
from apps.providers.models import Connection
from apps.sweeps import tasks
from apps.sweeps.models import Sweep
from tests.factories import make_version
from tests.jobs.test_browser import in_a_worker, server
from tests.jobs.test_browser_create import connect, open_form
from tests.providers.fake_server import FakeServer

__all__ = ["connect", "server"]

pytestmark = pytest.mark.browser


def send() -> None:
    """Let the worker bring jobs and wishes to the provider."""
    in_a_worker(job_tasks.advance_due_jobs)


def poll() -> None:
    """Let an hour pass, then ask the provider."""
    Job.objects.update(next_poll_at=timezone.now() - timedelta(hours=1), poll_lease_until=None)
    in_a_worker(job_tasks.poll_due_jobs)


def test_from_one_job_to_the_best_of_several(
    page: Page, owner: Membership, server: FakeServer, connect: Callable[..., Connection]
) -> None:
    connect("generic", "Our server")
    version = make_version(workspace=owner.workspace, name="harbour.train")

    open_form(page, version)  # make
    page.get_by_label("Base model").fill("llama-small")
    page.get_by_label("Epochs").fill("2")
    page.get_by_role("button", name="Start the job").click()
    page.wait_for_url("**/jobs/*-*/")
    send()

    page.reload()  # stop
    page.get_by_role("button", name="Stop", exact=True).click()
    page.get_by_role("button", name="Stop the job").click()
    send()
    poll()
    page.reload()
    expect(page.get_by_text("Cancelled").first).to_be_visible()

    page.get_by_role("link", name="Clone").click()  # clone
    expect(page.get_by_label("Epochs")).to_have_value("2")
    page.get_by_label("Epochs").fill("4")
    page.get_by_role("button", name="Start the job").click()
    page.wait_for_url("**/jobs/*-*/")

    page.get_by_text("Settings of this job").click()  # compare
    page.get_by_role("link", name="Compare both").click()
    expect(page.get_by_role("heading", name="Compare jobs")).to_be_visible()
    row = page.get_by_role("row", name="Epochs")
    expect(row).to_contain_text("2")
    expect(row).to_contain_text("4")

    page.get_by_role("link", name="All jobs").click()  # sweep
    page.get_by_role("link", name="Sweeps").click()
    page.get_by_role("link", name="New sweep").first.click()
    with page.expect_response("**/sweeps/fields/"):
        page.get_by_label("Training dataset").select_option(label="harbour.train")
    page.get_by_label("Base model").fill("llama-small")
    page.get_by_label("Epochs").fill("1, two")
    page.get_by_role("button", name="Start the sweep").click()
    expect(page.get_by_text("“two” is not a whole number.").first).to_be_visible()
    with page.expect_response("**/sweeps/estimate/"):
        page.get_by_label("Epochs").fill("1, 2, 3")
        page.get_by_label("Epochs").blur()
    expect(page.locator("#sweep-estimate")).to_contain_text("3")
    page.get_by_role("button", name="Start the sweep").dblclick()
    page.wait_for_url("**/sweeps/*-*/")
    sweep = Sweep.objects.get()
    in_a_worker(lambda: tasks.advance_sweep(sweep_id=sweep.pk))
    expect(page.get_by_role("link", name="Trial 2")).to_be_visible()
    expect(page.get_by_text("Waiting")).to_be_visible()
    assert sweep.trials.exclude(job=None).count() == 2
    page.get_by_role("link", name="Compare curves").click()
    expect(page.get_by_role("heading", name="Compare jobs")).to_be_visible()
