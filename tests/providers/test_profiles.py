"""Numbers about providers: they match what they were copied from."""

from datetime import date
from decimal import Decimal

import pytest

from apps.engine import training_files
from apps.engine.tiny import training, weights
from apps.engine.tiny.model import ModelConfig
from apps.providers.models import Connection
from apps.providers.profiles import capabilities, files, profile_for
from apps.providers.profiles.capabilities import YES_OR_NO
from apps.providers.profiles.prices import base_of
from apps.providers.types import Method
from tests.providers import manual

UNITS = {
    "learning_rate": "absolute",
    "learning_rate_multiplier": "multiplier",
    "compute_multiplier": "multiplier",
}
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


EVERY = Connection.Profile.values


@pytest.mark.parametrize("name", EVERY)
def test_every_kind_of_connection_has_a_profile(name):
    profile = profile_for(name)
    assert profile.label == Connection.Profile(name).label
    assert profile.about
    assert profile.as_of
    assert profile.source


def test_every_file_of_facts_is_a_kind_of_connection():
    names = {path.stem for path in files.FOLDER.glob("*.toml")}
    assert names == set(EVERY) == set(files.NAMES)


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("method", Method)
def test_every_setting_can_be_shown_and_checked(name, method):
    fields = profile_for(name).hyperparameters_for(method)
    assert bool(fields) == (method in profile_for(name).capabilities.methods)
    for field in fields:
        assert field.label
        assert field.explanation
        assert bool(field.choices) == (field.kind == "choice")
        assert field.unit == UNITS.get(field.name, "")
        if field.minimum is not None and field.maximum is not None:
            assert field.minimum < field.maximum
        if isinstance(field.default, float):
            assert field.minimum <= field.default


@pytest.mark.parametrize("name", EVERY)
def test_a_learning_rate_is_a_multiplier_or_a_number_never_both(name):
    names = {field.name for field in profile_for(name).every_hyperparameter}
    assert len(names & {"learning_rate", "learning_rate_multiplier"}) == 1


def test_nebius_is_never_sent_a_multiplier():
    names = [field.name for field in profile_for("nebius").hyperparameters]
    assert "learning_rate_multiplier" not in names
    (lora,) = (each for each in profile_for("nebius").hyperparameters if each.name == "lora")
    assert str(lora.explanation).endswith("Nebius deploys only models that were trained with it.")
    assert {"learning_rate", "lora", "lora_r", "context_length", "max_grad_norm"} <= set(names)


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("capability", [*YES_OR_NO, *Method.values, "deployment"])
def test_what_is_not_offered_is_not_offered_for_a_reason(name, capability):
    profile = profile_for(name)
    assert bool(profile.why_not(capability)) != profile.capabilities.offers(capability)
    assert "%(" not in profile.why_not(capability)


def test_a_reason_names_the_provider():
    assert profile_for("together").why_not("pause") == (
        "Together AI documents no way to pause a job."
    )
    assert profile_for("openai").why_not("pause") == ""
    assert "o4-mini" in profile_for("openai").why_not("reinforcement")


def test_a_word_that_is_no_capability_is_a_mistake_in_the_file():
    table = {"methods": [], "deployment": "none", "tested_live": True, "no": ["puase"]}
    with pytest.raises(ValueError, match="puase"):
        capabilities.read(table)


def test_only_what_was_reached_is_called_tested():
    assert {name for name in EVERY if profile_for(name).capabilities.tested_live} == {
        "engine",
        "generic",
    }


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
    price = profile_for("openai").price_of(model)
    assert price
    assert price.training == Decimal(25)
    assert price.date == date(2026, 10, 13)
    assert "openai.com" in price.source


@pytest.mark.parametrize("model", ["tiny-chat-1m", "", "ft:", "ft", "llama"])
def test_an_unlisted_model_has_no_price_rather_than_a_price_of_zero(model):
    assert profile_for("openai").price_of(model) is None
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


def test_the_manual_says_what_the_profiles_say():
    """Run `python -m tests.providers.manual` after changing a profile."""
    text = manual.MANUAL.read_text()
    assert text.split(manual.BEGIN)[1].split(manual.END)[0].strip() == manual.tables().strip()


def test_prices_are_of_the_provider_that_is_paid():
    assert profile_for("azure").price_of("gpt-4o-2024-08-06") is None
    price = profile_for("nebius").price_of("meta-llama/Llama-3.1-8B-Instruct")
    assert price
    assert (price.training, price.output) == (Decimal("0.40"), None)
    assert profile_for("generic").price_of("gpt-4o-2024-08-06") == profile_for("openai").price_of(
        "gpt-4o-2024-08-06"
    )


@pytest.mark.parametrize(
    ("model", "tuned", "itself"),
    [
        ("gpt-4.1-2025-04-14", (3, 12), (2, 8)),
        ("gpt-6-luna", None, ("0.10", "0.50")),  # nobody tunes it
        ("text-embedding-3-small", None, ("0.02", None)),  # it makes no text
    ],
)
def test_a_model_and_what_is_tuned_from_it_cost_differently(model, tuned, itself):
    price = profile_for("openai").price_of(model)
    assert price
    for rate, amounts in ((price.tuned, tuned), (price.itself, itself)):
        told = [None if each is None else Decimal(each) for each in amounts or ()]
        assert [rate.input, rate.output] == told if rate else not amounts


def test_a_rate_tells_no_sum_that_it_does_not_know():
    vectors = profile_for("openai").prices["text-embedding-3-large"].itself
    assert vectors
    assert vectors.usd(2_000_000, 0) == Decimal("0.26")
    assert vectors.usd(1, 1) is None


def test_azure_ends_later_than_openai_and_says_for_whom():
    azure = profile_for("azure")
    ends = azure.dates_of("gpt-4.1-mini-2025-04-14.ft-0b9e-parrot")
    assert ends
    assert (ends.training, ends.answers) == (date(2027, 4, 14), date(2027, 10, 14))
    assert azure.dates
    assert azure.dates.for_existing_customers
    assert azure.dates_of("Ministral-3B") is None
    assert profile_for("nebius").dates is None


def test_openai_s_models_end_on_the_day_that_all_of_it_ends():
    openai = profile_for("openai")
    for model in openai.base_models:
        ends = openai.dates_of(model)
        assert ends
        assert (ends.training, ends.answers) == (
            openai.last_training_date,
            openai.last_answers_date,
        )


def test_nothing_is_counted_down_where_no_end_is_announced():
    assert profile_for("engine").retirement(date(2027, 1, 1)) is None
    assert profile_for("generic").days_to_train(date(2027, 1, 1)) is None
