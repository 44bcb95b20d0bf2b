"""What only a browser can show: a page that renews itself, curves, and things that stay open."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import pytest
from django.db import connections
from django.urls import reverse
from playwright.sync_api import Page, Response, expect

from apps.accounts.models import Membership
from apps.jobs import tasks
from apps.jobs.curves import points
from apps.jobs.models import Checkpoint, Job
from tests.factories import make_connection, make_job, make_version
from tests.jobs.conftest import later
from tests.jobs.conftest import train as train_at_once
from tests.providers.fake_server import FakeServer, fresh_server

pytestmark = pytest.mark.browser
T = TypeVar("T")
HUE = "getComputedStyle(document.querySelectorAll('.u-legend .u-marker')[1]).borderTopColor"


@pytest.fixture
def server(settings: Any) -> FakeServer:
    settings.ALLOW_PRIVATE_HOSTS = True
    return fresh_server()


@pytest.fixture
def job(owner: Membership, server: FakeServer) -> Job:
    """A job that has begun to train."""
    connection = make_connection(workspace=owner.workspace, base_url=server.url)
    job = make_job(workspace=owner.workspace, connection=connection)
    in_a_worker(tasks.advance_due_jobs)
    job.refresh_from_db()
    server.jobs[job.provider_job_id]["status"] = "running"
    train(server, job, 1, 10)
    return job


def in_a_worker(work: Callable[[], T]) -> T:
    """Do it in another thread: Playwright's event loop lives in this one."""

    def task() -> T:
        try:
            return work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(task).result()


def has_step_20(response: Response) -> bool:
    if "/series/" not in response.url:
        return False
    return response.json()["series"]["train_loss"][0][-1:] == [20]


def train(server: FakeServer, job: Job, first: int, last: int) -> None:
    """Let the provider train these steps, and the poller hear of it."""
    for step in range(first, last + 1):
        numbers = {"train_mean_token_accuracy": 0.5, "full_valid_loss": 1.0}
        server.add_metrics(job.provider_job_id, step=step, total_steps=20, **numbers)
    later(job)
    in_a_worker(tasks.poll_due_jobs)


def succeed(server: FakeServer, job: Job) -> None:
    there = server.jobs[job.provider_job_id]
    there |= {"status": "succeeded", "fine_tuned_model": "ft:tiny-chat-1m:x::abc"}
    later(job)
    in_a_worker(tasks.poll_due_jobs)


def test_the_page_follows_the_job_and_stops_asking_at_its_end(
    page: Page, server: FakeServer, job: Job
) -> None:
    page.goto(job.get_absolute_url())
    expect(page.get_by_text("step 10 / 20")).to_be_visible()
    train(server, job, 11, 20)
    expect(page.get_by_text("step 20 / 20")).to_be_visible()
    succeed(server, job)
    expect(page.get_by_role("link", name="Compare with base")).to_be_visible()
    assert page.locator("#job-live").get_attribute("hx-get") is None


def test_what_a_person_opened_and_where_they_are_stays_while_the_page_is_renewed(
    page: Page, server: FakeServer, job: Job
) -> None:
    page.goto(job.get_absolute_url())
    fold_out = page.locator("#job-settings")
    fold_out.locator("summary").click()
    place = page.evaluate("scrollY")
    train(server, job, 11, 12)
    expect(page.get_by_text("step 12 / 20")).to_be_visible()
    assert fold_out.get_attribute("open") is not None
    assert page.evaluate("document.activeElement.closest('details')?.id") == "job-settings"
    assert page.evaluate("scrollY") == place


def test_the_dialog_that_asks_before_stopping_survives_news(
    page: Page, server: FakeServer, job: Job
) -> None:
    page.goto(job.get_absolute_url())
    page.get_by_role("button", name="Stop", exact=True).click()
    train(server, job, 11, 12)
    expect(page.get_by_text("step 12 / 20")).to_be_visible()
    page.get_by_role("button", name="Stop the job").click()
    expect(page.get_by_text("The provider is asked to stop.")).to_be_visible()


def test_the_curves_take_new_points_switches_and_other_colours(
    page: Page, server: FakeServer, job: Job
) -> None:
    page.goto(job.get_absolute_url())
    expect(page.locator(".u-over")).to_have_count(2)
    with page.expect_response(has_step_20):
        train(server, job, 11, 20)
    page.get_by_label("Smoothing").fill("0.8")
    page.get_by_label("Logarithmic loss").check()
    expect(page.locator(".u-over")).to_have_count(2)
    expect(page.locator("[data-chart=loss] .u-legend")).to_contain_text("Training")
    light = page.evaluate(HUE)
    page.emulate_media(color_scheme="dark")
    expect(page.locator(".u-over")).to_have_count(2)
    page.wait_for_function(f"{HUE} !== '{light}'")


def test_switches_of_the_curves_stay_while_points_arrive(
    page: Page, server: FakeServer, job: Job
) -> None:
    page.goto(job.get_absolute_url())
    page.get_by_label("Smoothing").fill("0.5")
    page.get_by_label("Clip outliers").check()
    train(server, job, 11, 12)
    expect(page.get_by_text("step 12 / 20")).to_be_visible()
    expect(page.get_by_label("Smoothing")).to_have_value("0.5")
    expect(page.get_by_label("Clip outliers")).to_be_checked()
    expect(page.get_by_label("Logarithmic loss")).not_to_be_checked()


def test_step_messages_come_and_go_while_everything_else_stays(
    page: Page, server: FakeServer, job: Job
) -> None:
    page.goto(job.get_absolute_url())
    page.get_by_label("Smoothing").fill("0.5")
    expect(page.get_by_text("Step 10/20")).to_have_count(0)
    page.get_by_role("link", name="Show step messages").click()
    expect(page.get_by_text("Step 10/20")).to_be_visible()
    expect(page).to_have_url(re.compile(r"\?events=all$"))
    train(server, job, 11, 12)
    expect(page.get_by_text("Step 12/20")).to_be_visible()
    expect(page.get_by_label("Smoothing")).to_have_value("0.5")
    page.get_by_role("link", name="Hide step messages").click()
    expect(page.get_by_text("Step 12/20")).to_have_count(0)


def test_clipping_leaves_out_the_highest_losses(page: Page, server: FakeServer, job: Job) -> None:
    points.keep([(job.pk, 3, {"train_loss": 1000.0})])
    page.goto(job.get_absolute_url())
    expect(page.locator(".u-over")).to_have_count(2)
    place = "document.querySelector('[data-chart=loss] canvas')"
    before = page.evaluate(f"{place}.toDataURL()")
    page.get_by_label("Clip outliers").check()
    page.wait_for_function("before => " + f"{place}.toDataURL() !== before", arg=before)


def test_a_tick_leads_to_its_checkpoint_even_in_a_closed_fold(
    page: Page, server: FakeServer, job: Job
) -> None:
    for step in range(1, 11):
        Checkpoint.objects.create(
            job=job,
            provider_checkpoint_id=str(step),
            model=f"ft:x:ckpt-step-{step}",
            step=step,
            created_at=job.created_at,
        )
    page.goto(job.get_absolute_url())
    row = page.locator("#checkpoint-2")
    expect(row).to_be_hidden()
    plot = page.locator("[data-chart=loss] .u-over")
    plot.hover()  # waits until it has its size and place
    box = plot.bounding_box()
    assert box
    plot.click(position={"x": box["width"] / 9 + 2, "y": 20})  # steps 1 to 10, from side to side
    expect(row).to_be_in_viewport()
    expect(row.get_by_role("link")).to_be_focused()
    expect(page).to_have_url(re.compile("#checkpoint-2$"))


def test_the_form_lists_models_and_renews_its_estimate(
    page: Page, owner: Membership, server: FakeServer, settings: Any
) -> None:
    settings.ENGINE_URL = server.url
    training_data = make_version(workspace=owner.workspace)
    make_connection(workspace=owner.workspace, base_url=server.url, profile="engine")
    page.goto(f"{reverse('jobs:create')}?training_data={training_data.public_id}")
    expect(page.locator("select#id_base_model")).to_have_value("tiny-chat-1m")
    estimate = page.locator("#job-estimate")
    expect(estimate).to_contain_text("Runs on this machine")
    page.get_by_label("Epochs").fill("7")
    page.get_by_label("Batch size").focus()
    expect(estimate).to_contain_text("1.7k")


def test_a_click_on_start_is_not_lost_when_the_estimate_grows_under_the_pointer(
    page: Page, owner: Membership, server: FakeServer, settings: Any
) -> None:
    settings.ENGINE_URL = server.url
    training_data = make_version(workspace=owner.workspace)
    make_connection(workspace=owner.workspace, base_url=server.url, profile="engine")
    page.goto(f"{reverse('jobs:create')}?training_data={training_data.public_id}")
    expect(page.locator("#job-estimate")).to_contain_text("Runs on this machine")
    page.evaluate("document.getElementById('job-estimate').replaceChildren()")
    page.get_by_label("Epochs").fill("7")
    page.get_by_role("button", name="Start the job").hover()
    page.mouse.down()
    expect(page.locator("#job-estimate")).to_contain_text("1.7k")
    page.mouse.up()
    page.wait_for_url("**/jobs/*-*/")
    assert Job.objects.get().hyperparameters["n_epochs"] == 7


def test_a_refused_form_shows_and_focuses_its_wrong_field(
    page: Page, owner: Membership, server: FakeServer, settings: Any
) -> None:
    settings.ENGINE_URL = server.url
    make_version(workspace=owner.workspace)
    make_connection(workspace=owner.workspace, base_url=server.url, profile="engine")
    page.set_viewport_size({"width": 390, "height": 700})
    page.goto(reverse("jobs:create"))
    page.get_by_label("Training dataset").select_option(index=1)
    page.get_by_label("Epochs").fill("99")
    page.get_by_role("button", name="Start the job").click()
    expect(page.get_by_label("Epochs")).to_be_focused()
    expect(page.get_by_label("Epochs")).to_be_in_viewport()
    expect(page.locator("#id_n_epochs_error")).to_be_in_viewport()


def test_who_zooms_into_a_long_run_gets_its_left_out_points(page: Page, job: Job) -> None:
    train_at_once(job, {n: {"train_loss": 1.0 + n % 7, "grad_norm": 1.0} for n in range(11, 9000)})
    page.goto(job.get_absolute_url())
    with page.expect_response(lambda answer: "last=5100" in answer.url) as closer:
        page.get_by_label("From").fill("5000")
        page.get_by_label("to", exact=True).fill("5100")
        page.keyboard.press("Tab")
    assert len(closer.value.json()["series"]["train_loss"][0]) == 101
    over = page.locator("[data-chart=loss] .u-over")
    page.get_by_text("More curves").click()
    page.get_by_text("Gradient norm").click()
    expect(page.locator("[data-chart=grad_norm] .u-over")).to_have_count(1)
    page.get_by_role("button", name="Show everything").click()
    expect(page.get_by_label("From")).to_have_value("")
    box = over.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 50, box["y"] + 50)
    page.mouse.down()
    page.mouse.move(box["x"] + 150, box["y"] + 60)
    with page.expect_response(lambda answer: "first=" in answer.url):
        page.mouse.up()
    expect(page.get_by_role("button", name="Show everything")).to_be_visible()


def test_a_plot_can_be_kept_as_a_picture(page: Page, job: Job) -> None:
    page.goto(job.get_absolute_url())
    with page.expect_download() as download:
        page.locator("[data-chart=loss]").get_by_role("button", name="Save as PNG").click()
    assert download.value.suggested_filename == "Loss.png"
    assert download.value.path().read_bytes().startswith(b"\x89PNG")


def test_chosen_jobs_stay_chosen_while_the_list_is_renewed_and_are_compared(
    page: Page, server: FakeServer, job: Job
) -> None:
    other = make_job(workspace=job.workspace, connection=job.connection, name="The other one")
    train_at_once(other, {n: {"train_loss": 2 / n} for n in range(1, 30)})
    page.goto(reverse("jobs:list"))
    page.get_by_label(f"Compare {job.name}", exact=True).check()
    page.get_by_label("Compare The other one").check()
    train(server, job, 11, 12)
    expect(page.get_by_text("step 12 / 20")).to_be_visible()
    expect(page.get_by_role("checkbox", checked=True)).to_have_count(2)
    page.get_by_role("button", name="Compare the chosen jobs").click()
    loss = page.locator("[data-chart=loss]")
    expect(loss.locator(".u-legend")).to_contain_text("1 · Training")
    expect(loss.locator(".u-legend")).to_contain_text("2 · Training")
    page.get_by_role("link", name="Epoch").click()
    expect(page.get_by_text(f"The curves of {job.name} are left out")).to_be_visible()
    page.get_by_role("link", name="Show what is equal too").click()
    expect(page.get_by_role("row", name="Base model")).to_be_visible()
