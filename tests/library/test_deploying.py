"""A model is served exactly once, is watched, warned about, and stopped."""

import itertools
from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.library import services, tasks
from apps.library.deployments import deploying
from apps.library.forms import DeployForm
from apps.library.models import Deployment, PriceToldBy, TunedModel
from apps.providers.models import Connection
from apps.providers.profiles import files
from apps.providers.profiles.deployments import deployment_facts
from apps.providers.types import DeploymentStatus, ProviderError, ProviderUnavailable
from tests.factories import make_connection, make_tuned_model
from tests.jobs.killing import killed_at
from tests.jobs.provider import FakeProvider

Status = DeploymentStatus


@pytest.fixture
def model(owner, providers) -> TunedModel:
    """A model that answers only while it is deployed."""
    connection = make_connection(workspace=owner.workspace, profile=Connection.Profile.TOGETHER)
    return make_tuned_model(workspace=owner.workspace, connection=connection, title="Persona")


@pytest.fixture
def there(providers, model) -> FakeProvider:
    return providers.of(model.connection)


@pytest.fixture(autouse=True)
def _together_deploys(monkeypatch):
    """Whatever the adapters can do today, these tests are of what is done with it."""
    monkeypatch.setattr(services, "why_not_deployable", lambda _model: "")


def ask(owner, model, **wish) -> Deployment:
    options = {"inactive_timeout": 60}
    wish = {"public_id": uuid4(), "options": options, **wish}
    return services.deploy(membership=owner, model=model, **wish)


@pytest.fixture
def deployment(owner, model, there, django_capture_on_commit_callbacks) -> Deployment:
    with django_capture_on_commit_callbacks(execute=True):
        return ask(owner, model)


def later(deployment: Deployment) -> None:
    past = timezone.now() - timedelta(hours=1)
    Deployment.objects.filter(pk=deployment.pk).update(next_step_at=past, step_lease_until=None)


def look(deployment: Deployment) -> Deployment:
    """Let its next step be due, and take it."""
    later(deployment)
    tasks.advance_due_deployments()
    deployment.refresh_from_db()
    return deployment


def activate(deployment: Deployment, there: FakeProvider) -> Deployment:
    there.tell_deployment(deployment.name, status=Status.ACTIVE, model="us/persona-1")
    return look(deployment)


def test_a_wish_is_carried_out_under_our_own_name(deployment, there):
    deployment.refresh_from_db()
    (spec,) = there.deployment_specs
    assert spec.name == deployment.name
    assert spec.name.startswith("retune-persona-")
    assert spec.options == {"inactive_timeout": 60}
    assert (deployment.status, deployment.provider_deployment_id) == (Status.STARTING, spec.name)


def test_it_is_looked_at_until_it_answers(deployment, there):
    activate(deployment, there)
    assert (deployment.status, deployment.model) == (Status.ACTIVE, "us/persona-1")
    assert deployment.active_at
    wait = deployment.next_step_at - timezone.now()
    assert wait > timedelta(seconds=30)


def test_the_same_form_twice_is_one_deployment(owner, model, there):
    token = uuid4()
    first, second = ask(owner, model, public_id=token), ask(owner, model, public_id=token)
    other = ask(owner, model)
    assert first == second == other
    assert Deployment.objects.count() == 1


@pytest.mark.parametrize("call", ["deploy", "get_deployment", "stop_deployment"])
def test_a_worker_that_dies_in_any_call_leaves_nothing_behind(deployment, there, call):
    """The next worker asks again under the same name, and what is over there stays one."""
    later(deployment)
    Deployment.objects.update(provider_deployment_id="", status=Status.PENDING)
    if call != "deploy":
        look(deployment)
    if call == "stop_deployment":
        services.stop_deployment(deployment=deployment)

    class Killed(BaseException):
        pass

    there.fail(call, Killed())
    later(deployment)
    with pytest.raises(Killed):
        deploying.advance(deployment.pk)
    there.failures.clear()
    look(deployment)
    assert list(there.deployments) == [deployment.name]
    assert deployment.provider_deployment_id == deployment.name
    expected = Status.STOPPED if call == "stop_deployment" else Status.STARTING
    assert deployment.status == expected


def test_a_worker_killed_at_any_line_leaves_one_deployment_that_is_stopped(owner, providers):
    """From the wish to the end: whatever line a worker dies at, one was made, and none is left."""
    connection = make_connection(workspace=owner.workspace, profile=Connection.Profile.TOGETHER)
    there = providers.of(connection)
    for line in itertools.count(1):
        model = make_tuned_model(workspace=owner.workspace, connection=connection)
        deployment = ask(owner, model)
        services.stop_deployment(deployment=deployment)
        Deployment.objects.update(  # the wish comes after it was asked for
            status=Status.PENDING, ended_at=None, asked_at=timezone.now()
        )
        later(deployment)
        was_killed = killed_at(line, lambda: deploying.advance(deployment.pk), deploying)  # noqa: B023
        look(deployment)
        assert list(there.deployments) == [deployment.name], f"killed at line {line}"
        assert there.deployments[deployment.name].status == Status.STOPPED, f"line {line}"
        assert (deployment.status, bool(deployment.ended_at)) == (Status.STOPPED, True), line
        if not was_killed:
            break
        there.deployments.clear()
        Deployment.objects.all().delete()
    assert line > 40


def test_two_workers_never_act_on_one_deployment(deployment, there):
    later(deployment)
    asked = there.calls["get_deployment"]
    there.before = lambda _call: deploying.advance(deployment.pk)  # a rival in the middle of it
    deploying.advance(deployment.pk)
    assert there.calls["get_deployment"] == asked + 1


def test_an_answer_that_comes_after_the_lease_was_lost_is_not_written(deployment, there):
    def lose(_call: str) -> None:
        Deployment.objects.update(step_lease_until=timezone.now() + timedelta(hours=1))

    there.tell_deployment(deployment.name, status=Status.FAILED, error="late")
    later(deployment)
    there.before = lose
    deploying.advance(deployment.pk)
    deployment.refresh_from_db()
    assert deployment.status == Status.STARTING


def test_a_refusal_ends_it_in_the_providers_words(owner, model, there):
    there.fail("deploy", ProviderError("This model cannot be served.", status=400))
    deployment = look(ask(owner, model))
    assert (deployment.status, deployment.error) == (Status.FAILED, "This model cannot be served.")
    assert deployment.ended_at
    assert not deployment.may_stand_there


def test_a_refusal_after_silence_says_where_to_look(client, owner, model, there):
    there.fail("deploy", ProviderUnavailable("timeout"))
    deployment = look(ask(owner, model))
    assert (deployment.status, deployment.trouble) == (Status.PENDING, "timeout")
    there.fail("deploy", ProviderError("No money left.", status=402))
    look(deployment)
    page = client.get(model.get_absolute_url()).content.decode()
    assert "No money left." in page
    assert f"its name there is {deployment.name}" in page


def test_a_silent_provider_is_asked_again_later_and_later(deployment, there):
    there.fail("get_deployment", ProviderUnavailable("busy", retry_after=300))
    look(deployment)
    assert deployment.trouble == "busy"
    assert deployment.status == Status.STARTING
    assert deployment.next_step_at - timezone.now() > timedelta(seconds=290)


def test_a_provider_that_wants_quiet_is_left_alone(deployment, there):
    later(deployment)
    Connection.objects.update(quiet_until=timezone.now() + timedelta(minutes=1))
    asked = there.calls["get_deployment"]
    tasks.advance_due_deployments()
    assert there.calls["get_deployment"] == asked


def test_stopping_is_asked_once_and_ends_it(client, deployment, there):
    activate(deployment, there)
    url = reverse("library:stop_deployment", args=[deployment.public_id])
    for _press in range(2):
        assert client.post(url).status_code == 302
    look(deployment)
    look(deployment)
    assert there.calls["stop_deployment"] == 1
    assert (deployment.status, bool(deployment.ended_at)) == (Status.STOPPED, True)


def test_a_refused_stop_is_told_and_can_be_asked_again(client, model, deployment, there):
    there.fail("stop_deployment", ProviderError("Locked by an administrator.", status=403))
    services.stop_deployment(deployment=deployment)
    look(deployment)
    assert not deployment.is_stopping
    text = client.get(model.get_absolute_url()).content.decode()
    assert "The provider did not stop it: Locked by an administrator." in text
    there.failures.clear()
    services.stop_deployment(deployment=deployment)
    assert look(deployment).status == Status.STOPPED


def test_what_was_never_asked_for_is_stopped_without_asking(owner, model, there):
    deployment = ask(owner, model)
    services.stop_deployment(deployment=deployment)
    look(deployment)
    assert (deployment.status, there.calls["deploy"]) == (Status.STOPPED, 0)


def test_a_wish_to_stop_waits_until_the_id_is_known(owner, model, there):
    there.fail("deploy", ProviderUnavailable("timeout"))
    deployment = look(ask(owner, model))
    services.stop_deployment(deployment=deployment)
    there.failures.clear()
    look(deployment)
    assert there.deployments[deployment.name].status == Status.STOPPED
    assert deployment.status == Status.STOPPED


@pytest.mark.parametrize("says", ["404", "stopped"])
def test_one_that_is_gone_has_ended_but_a_new_one_may_still_appear(deployment, there, says):
    """Adapters say of what is not there that it is stopped."""
    if says == "404":
        there.deployments.clear()
    else:
        there.tell_deployment(deployment.name, status=Status.STOPPED)
    look(deployment)
    assert deployment.status == Status.STARTING
    Deployment.objects.update(asked_at=timezone.now() - timedelta(hours=2))
    look(deployment)
    assert deployment.status == Status.STOPPED
    assert bool(deployment.error) is (says == "404")


def test_what_the_provider_says_of_the_price_counts(owner, model, there):
    deployment = look(ask(owner, model, hourly_usd=Decimal(4)))
    assert (deployment.hourly_usd, deployment.price_told_by) == (Decimal(4), PriceToldBy.PERSON)
    there.tell_deployment(deployment.name, hourly_usd=Decimal("1.5"))
    look(deployment)
    told = (deployment.hourly_usd, deployment.price_told_by)
    assert told == (Decimal("1.5"), PriceToldBy.PROVIDER)
    Deployment.objects.update(asked_at=timezone.now() - timedelta(hours=10))
    deployment.refresh_from_db()
    assert round(deployment.usd_until_now or 0, 1) == Decimal("15.0")


def test_a_cost_that_nobody_knows_is_not_0(client, model, deployment):
    deployment.refresh_from_db()
    assert (deployment.bills_by_hour, deployment.usd_until_now) == (True, None)
    text = client.get(model.get_absolute_url()).content.decode()
    assert "–" in text.split("Cost so far, about")[1][:60]


@pytest.mark.parametrize(
    ("quiet_hours", "by_hour", "is_warned"), [(7, True, True), (5, True, False), (7, False, False)]
)
def test_one_that_costs_while_nobody_asks_is_warned_of(
    client, model, deployment, there, quiet_hours, by_hour, is_warned
):
    activate(deployment, there)
    Deployment.objects.update(
        active_at=timezone.now() - timedelta(days=2),
        last_used_at=timezone.now() - timedelta(hours=quiet_hours),
        bills_by_hour=by_hour,
    )
    for url in (model.get_absolute_url(), reverse("library:list"), reverse("home:overview")):
        text = client.get(url).content.decode()
        assert ("Nobody here has chatted with it for 7 h" in text) is is_warned, url


def test_what_costs_by_the_hour_depends_on_what_was_chosen(owner, providers):
    azure = make_connection(workspace=owner.workspace, profile=Connection.Profile.AZURE)
    nebius = make_connection(workspace=owner.workspace, profile=Connection.Profile.NEBIUS)
    fireworks = make_connection(workspace=owner.workspace, profile=Connection.Profile.FIREWORKS)
    for connection, options, by_hour in (
        (azure, {"sku": "DeveloperTier"}, False),
        (azure, {"sku": "Standard"}, True),
        (nebius, {}, False),
        (fireworks, {"min_replica_count": 1}, True),
    ):
        model = make_tuned_model(workspace=owner.workspace, connection=connection)
        deployment = ask(owner, model, options=options)
        assert deployment.bills_by_hour is by_hour
        assert deployment.hourly_usd == (None if by_hour else 0)


def test_one_that_sleeps_costs_nobody_knows_what_but_not_by_the_hour(owner, providers):
    fireworks = make_connection(workspace=owner.workspace, profile=Connection.Profile.FIREWORKS)
    model = make_tuned_model(workspace=owner.workspace, connection=fireworks)
    deployment = ask(owner, model, options={"min_replica_count": 0})
    assert (deployment.bills_by_hour, deployment.hourly_usd) == (False, None)


def test_the_form_asks_what_the_provider_wants_to_know(client, model, there):
    url = reverse("library:deploy", args=[model.public_id])
    page = client.get(url)
    text = page.content.decode()
    for expected in ("1x H100 80GB $3.99", "inactive_timeout", "2026-11-21"):
        assert expected in text
    token = page.context["form"]["form_token"].value()
    wish = {"form_token": token, "inactive_timeout": -1, "min_replicas": 1, "max_replicas": 1}
    assert client.post(url, wish).status_code == 422
    wish |= {"inactive_timeout": 0, "hourly_usd": "7.98"}
    for _press in range(2):
        assert client.post(url, wish).status_code == 302
    deployment = Deployment.objects.get()
    assert deployment.hourly_usd == Decimal("7.98")
    assert deployment.options == {"inactive_timeout": 0, "min_replicas": 1, "max_replicas": 1}


def test_every_option_of_every_provider_has_words_and_fits_its_field():
    for profile in files.NAMES:
        facts = deployment_facts(profile)
        form = DeployForm(facts=facts)
        defaults = {option.name: option.default for option in facts.options} if facts else {}
        filled = {name: value for name, value in defaults.items() if value is not None}
        form = DeployForm({"form_token": uuid4(), **filled}, facts=facts)
        assert form.is_valid(), (profile, form.errors)


def test_a_page_that_knows_it_all_is_sent_nothing(client, model, deployment):
    version = client.get(model.get_absolute_url()).context["served"].version
    url = f"{reverse('library:deployments', args=[model.public_id])}?seen={version}"
    assert client.get(url).status_code == 204
    Deployment.objects.update(status=Status.ACTIVE, updated_at=timezone.now())
    assert "Answers" in client.get(url).content.decode()


def test_a_viewer_deploys_and_stops_nothing(client_of, viewer, model, deployment):
    browser = client_of(viewer)
    assert browser.post(reverse("library:deploy", args=[model.public_id])).status_code == 403
    url = reverse("library:stop_deployment", args=[deployment.public_id])
    assert browser.post(url).status_code == 404
    assert url not in browser.get(model.get_absolute_url()).content.decode()
