"""Numbers about providers: they match what they were copied from."""

from datetime import date
from decimal import Decimal

import pytest

from apps.engine import training_files
from apps.engine.tiny import training, weights
from apps.engine.tiny.model import ModelConfig
from apps.providers.models import Connection
from apps.providers.prices import base_of, training_price
from apps.providers.profiles import profile_for

COOKBOOK = {
    1: 25,
    4: 25,
    5: 20,
    10: 10,
    20: 5,
    33: 3,
    34: 3,
    8333: 3,
    8334: 2,
    12500: 2,
    12501: 1,
    25001: 1,
}


@pytest.mark.parametrize("name", Connection.Profile.values)
def test_every_kind_of_connection_has_a_profile(name):
    profile = profile_for(name)
    assert profile.about
    assert [field.name for field in profile.hyperparameters] == [
        "n_epochs",
        "batch_size",
        "learning_rate_multiplier",
    ]
    assert all(field.label and field.explanation for field in profile.hyperparameters)


@pytest.mark.parametrize(("examples", "epochs"), COOKBOOK.items())
def test_automatic_epochs_follow_the_cookbook(examples, epochs):
    assert profile_for("openai").auto_epochs.epochs(examples) == epochs


@pytest.mark.parametrize(
    "examples", [1, 7, 32, 33, 92, 256, 257, 1025, 4096, 5000, 16_385, 100_000]
)
@pytest.mark.parametrize("batch_size", ["auto", 1, 4, 64])
def test_automatic_epochs_of_the_engine_are_what_the_engine_does(examples, batch_size):
    asked = {"n_epochs": "auto", "batch_size": batch_size}
    real = training.resolve_hyperparameters(examples, asked)
    assert profile_for("engine").auto_epochs.epochs(examples, batch_size) == real.n_epochs


def test_the_limits_of_the_engine_are_what_the_engine_has():
    profile = profile_for("engine")
    assert profile.max_tokens_per_example == ModelConfig().context
    assert profile.base_models == (weights.BASE_MODEL,)
    assert profile.min_examples == training_files.LEAST_EXAMPLES
    assert profile.max_examples == training_files.MOST_EXAMPLES


@pytest.mark.parametrize("examples", [0, -1])
def test_a_dataset_without_examples_divides_by_nothing(examples):
    for name in Connection.Profile.values:
        assert profile_for(name).auto_epochs.epochs(examples) >= 1


@pytest.mark.parametrize(
    ("profile", "model", "known"),
    [
        ("openai", "gpt-4.1-mini-2025-04-14", True),
        ("openai", "ft:gpt-4.1-mini-2025-04-14:acme::1", True),
        ("openai", "gpt-6-luna", False),
        ("engine", "tiny-chat-1m", True),
        ("generic", "llama", None),
    ],
)
def test_what_can_be_tuned_is_known_or_said_to_be_unknown(profile, model, known):
    assert profile_for(profile).can_tune(model) is known


@pytest.mark.parametrize("model", ["ft:gpt-4o-2024-08-06:org:suffix:id", "gpt-4o-2024-08-06"])
def test_a_price_has_a_date_and_a_source(model):
    price = training_price(model)
    assert price
    assert price.training == Decimal(25)
    assert price.date == date(2026, 10, 13)
    assert "openai.com" in price.source


@pytest.mark.parametrize("model", ["tiny-chat-1m", "", "ft:", "ft", "llama"])
def test_an_unlisted_model_has_no_price_rather_than_a_price_of_zero(model):
    assert training_price(model) is None
    assert base_of(model) in {model, ""}


@pytest.mark.parametrize(
    ("today", "to_train", "to_answer"),
    [
        (date(2026, 11, 21), 46, 54),
        (date(2027, 1, 5), 1, 9),
        (date(2027, 1, 6), 0, 8),
        (date(2027, 2, 1), 0, 0),
    ],
)
def test_the_countdown_of_openai(today, to_train, to_answer):
    retirement = profile_for("openai").retirement(today)
    assert retirement
    assert (retirement.days_to_train, retirement.days_to_answer) == (to_train, to_answer)


def test_nothing_is_counted_down_where_no_end_is_announced():
    assert profile_for("engine").retirement(date(2027, 1, 1)) is None
    assert profile_for("generic").days_to_train(date(2027, 1, 1)) is None


def test_hyperparameters_travel_where_each_kind_of_server_reads_them():
    chosen = {"n_epochs": 3}
    supervised = {"hyperparameters": chosen}
    assert profile_for("openai").job_method(chosen) == {
        "method": {"type": "supervised", "supervised": supervised}
    }
    assert profile_for("generic").job_method(chosen) == {"hyperparameters": chosen}
    assert profile_for("generic").job_method({}) == {}
