import pytest

from apps.engine.tiny.hyperparameters import (
    BadHyperparameter,
    Hyperparameters,
    resolve_hyperparameters,
)


def test_what_a_person_chose_is_kept():
    chosen = {"n_epochs": 3, "batch_size": 16, "learning_rate_multiplier": 0.5}

    assert resolve_hyperparameters(90, chosen) == Hyperparameters(3, 16, 0.5)


@pytest.mark.parametrize("n_examples", [1, 10, 92, 1000, 10_000, 1_000_000])
@pytest.mark.parametrize("left_open", [{}, {"n_epochs": "auto", "batch_size": None}])
def test_auto_is_always_something_that_may_be_chosen(n_examples, left_open):
    auto = resolve_hyperparameters(n_examples, left_open)

    assert resolve_hyperparameters(n_examples, vars(auto)) == auto


def test_auto_means_few_passes_over_large_files():
    epochs = [resolve_hyperparameters(size, {}).n_epochs for size in (10, 92, 1000, 100_000)]

    assert epochs == sorted(epochs, reverse=True)
    assert epochs[-1] == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("n_epochs", 0),
        ("n_epochs", 51),
        ("n_epochs", 2.5),
        ("n_epochs", True),
        ("n_epochs", "many"),
        ("batch_size", 257),
        ("batch_size", -1),
        ("learning_rate_multiplier", 0),
        ("learning_rate_multiplier", -1.0),
        ("learning_rate_multiplier", float("nan")),
        ("learning_rate_multiplier", float("inf")),
        ("learning_rate_multiplier", True),
        ("learning_rate_multiplier", "fast"),
    ],
)
def test_a_value_out_of_range_is_refused_by_name(name, value):
    with pytest.raises(BadHyperparameter, match=f'{name} must be "auto" or') as refused:
        resolve_hyperparameters(90, {name: value})

    assert refused.value.name == name
