"""What only a browser can show: a deployment that comes up and goes, a model that is deleted."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connections
from django.utils import timezone
from playwright.sync_api import Page, expect

from apps.accounts.models import Membership
from apps.library import tasks
from apps.library.models import Deployment, TunedModel
from apps.providers.models import Connection
from apps.providers.types import DeploymentStatus
from tests.factories import make_connection, make_tuned_model
from tests.jobs.provider import FakeProvider, Providers

pytestmark = pytest.mark.browser
NAME = "gpt-4o-mini-2024-07-18.ft-0f1e"


@pytest.fixture
def model(owner: Membership, providers: Providers) -> TunedModel:
    azure = make_connection(workspace=owner.workspace, profile=Connection.Profile.AZURE)
    providers.of(azure).models = [NAME]
    return make_tuned_model(workspace=owner.workspace, connection=azure, name=NAME, title="Pirate")


@pytest.fixture
def there(providers: Providers, model: TunedModel) -> FakeProvider:
    return providers.of(model.connection)


def in_a_worker(work: Callable[[], None]) -> None:
    """Do it in another thread, all waiting being over: an event loop lives in this one."""

    def task() -> None:
        try:
            past = timezone.now() - timedelta(hours=1)
            Deployment.objects.live().update(next_step_at=past, step_lease_until=None)
            work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as thread:
        thread.submit(task).result()


def test_a_deployment_comes_up_and_goes_before_your_eyes(
    page: Page, model: TunedModel, there: FakeProvider
) -> None:
    page.goto(model.get_absolute_url())
    page.get_by_role("link", name="Deploy", exact=True).first.click()
    page.get_by_label("Type").select_option("Standard")
    page.get_by_label(re.compile("Price per hour")).fill("1.70")
    page.get_by_role("button", name="Deploy").click()
    expect(page.get_by_role("status")).to_contain_text("Starting")
    (spec,) = there.deployment_specs
    there.tell_deployment(spec.name, status=DeploymentStatus.ACTIVE, model=spec.name)
    in_a_worker(tasks.advance_due_deployments)
    expect(page.get_by_role("status")).to_contain_text("Answers")
    expect(page.get_by_text("$1.70")).to_be_visible()
    page.get_by_role("button", name="Stop the deployment").click()
    in_a_worker(tasks.advance_due_deployments)
    expect(page.get_by_text("Earlier deployments")).to_be_visible()
    expect(page.get_by_role("link", name="Deploy", exact=True).first).to_be_visible()
    assert there.deployments[spec.name].status == DeploymentStatus.STOPPED


def test_a_model_is_deleted_with_the_keyboard_alone(
    page: Page, model: TunedModel, there: FakeProvider
) -> None:
    page.goto(model.get_absolute_url())
    page.get_by_role("link", name="Delete this model at the provider").press("Enter")
    field = page.get_by_label(re.compile("to delete this model"))
    expect(field).to_be_focused()
    page.keyboard.type("wrong")
    page.keyboard.press("Enter")
    expect(page.get_by_text("This is not the end of the model's name.")).to_be_visible()
    field.fill(NAME)
    page.keyboard.press("Enter")
    expect(page.get_by_text("Deleted at the provider on")).to_be_visible()
    assert there.deleted == [NAME]
