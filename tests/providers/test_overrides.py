"""What a workspace knows better than Retune's own data, and where it counts."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.datasets import trainability
from apps.library.money import pricing
from apps.providers import overrides
from apps.providers.models import Connection, Override
from apps.providers.profiles import profile_for
from tests.factories import make_connection, make_version

MODEL = "gpt-4o-mini-2024-07-18"
ADDRESS = "providers:facts"


@pytest.fixture
def openai(owner) -> Connection:
    return make_connection(workspace=owner.workspace, profile=Connection.Profile.OPENAI)


@pytest.fixture
def save(client):
    """Send the form as the page shows it, with some fields changed."""

    def send(profile: str = "openai", **changes):
        form = client.get(reverse(ADDRESS, args=[profile])).context["form"]
        shown = {name: form[name].value() or "" for name in form.fields}
        fields = shown | {"source": "our contract", "as_of": "2026-11-21"} | changes
        return client.post(reverse(ADDRESS, args=[profile]), fields)

    return send


def line_of(client, model: str) -> int:
    form = client.get(reverse(ADDRESS, args=["openai"])).context["form"]
    return form.models.index(model)


def test_a_price_of_our_own_counts_in_estimates(client, openai, save):
    number = line_of(client, MODEL)
    assert save(**{f"training_{number}": "1.25"}).status_code == 302
    price = overrides.profile_of(openai).price_of(f"ft:{MODEL}:org::id")
    assert price
    assert (price.training, price.source) == (Decimal("1.25"), "our contract")
    assert price.input == profile_for("openai").prices[MODEL].input  # left open: as in our data
    page = client.get(openai.get_absolute_url()).content.decode()
    assert "1.25" in page


def test_an_emptied_field_is_our_data_again(client, openai, save):
    number = line_of(client, MODEL)
    save(**{f"training_{number}": "1.25"})
    save(**{f"training_{number}": ""})
    assert not Override.objects.exists()
    assert overrides.profile_of(openai) == profile_for("openai")


def test_a_model_nobody_listed_gets_a_price(client, openai, save):
    number = line_of(client, "")
    save(**{f"model_{number}": "gpt-9", f"training_{number}": "7"})
    price = overrides.profile_of(openai).price_of("gpt-9")
    assert price
    assert price.training == 7


def test_a_server_of_our_own_is_free_for_every_model_that_has_no_line(owner, openai, save):
    server = make_connection(workspace=owner.workspace)
    form_line = len(profile_for("generic").prices)  # the first empty one
    free = {f"{name}_{form_line}": "0" for name in ("base_input", "base_output")}
    assert save("generic", **{f"model_{form_line}": "*"}, **free).status_code == 302
    rate = pricing.rate_of(server, "llama-at-home")
    assert rate
    assert rate.usd(1_000_000, 1_000_000) == 0
    assert pricing.rate_of(server, "gpt-4o-2024-08-06").input == Decimal("2.50")
    assert pricing.rate_of(openai, "llama-at-home") is None


def test_an_end_that_moved_opens_the_form_for_jobs_again(owner, openai, save, monkeypatch):
    later = timezone.localdate() + timedelta(days=400)
    monkeypatch.setattr(timezone, "localdate", lambda *_args: later)
    version = make_version(workspace=owner.workspace)
    assert trainability.judged(version, openai).refusals
    save(last_training_date=(later + timedelta(days=9)).isoformat(), last_answers_date="2030-01-01")
    assert overrides.profile_of(openai).days_to_train(later) == 9
    assert not trainability.judged(version, openai).refusals


def test_a_limit_of_our_own_refuses_what_is_too_small(owner, openai, save):
    version = make_version(workspace=owner.workspace)
    assert not trainability.judged(version, openai).refusals
    save(min_examples="500")
    assert "500" in " ".join(map(str, trainability.judged(version, openai).refusals))


def test_other_workspaces_and_providers_know_nothing_of_it(stranger, openai, save, owner):
    theirs = make_connection(workspace=stranger.workspace, profile=Connection.Profile.OPENAI)
    save(min_examples="500")
    assert overrides.profile_of(theirs) == profile_for("openai")
    azure = make_connection(workspace=owner.workspace, profile=Connection.Profile.AZURE)
    assert overrides.profile_of(azure) == profile_for("azure")


@pytest.mark.parametrize(
    "changes",
    [
        {"source": ""},
        {"as_of": "yesterday"},
        {"min_examples": "-1"},
        {"last_training_date": "2027-13-01"},
        {"training_0": "-2"},
        {"training_0": "NaN"},
    ],
)
def test_nonsense_is_refused_at_its_field_and_changes_nothing(openai, save, changes):
    answer = save(**changes)
    assert answer.status_code == 422
    assert set(changes) <= set(answer.context["form"].errors)
    assert not Override.objects.exists()


def test_an_amount_without_a_model_is_refused(client, save):
    number = line_of(client, "")
    assert save(**{f"training_{number}": "7"}).status_code == 422


def test_editors_see_it_and_change_nothing(client_of, editor, save, owner):
    save(min_examples="500")
    theirs = client_of(editor)
    page = theirs.get(reverse(ADDRESS, args=["openai"])).content.decode()
    assert "our contract" in page
    answer = theirs.post(reverse(ADDRESS, args=["openai"]), {"min_examples": "1", "source": "x"})
    assert answer.status_code == 403
    assert Override.objects.get().value == "500"


def test_a_provider_that_there_is_not(client):
    assert client.get("/connections/facts/acme/").status_code == 404
