"""Values to try: what is understood, what is refused, and how they combine."""

import pytest

from apps.providers.profiles.hyperparameters import HyperparameterField
from apps.providers.types import Method
from apps.sweeps import grid

EPOCHS = HyperparameterField(
    "n_epochs", "Epochs", "", "integer", (Method.SUPERVISED,), 1, 50, takes_auto=True
)
RATE = HyperparameterField("learning_rate", "Rate", "", "number", (Method.SUPERVISED,), 1e-6)
LORA = HyperparameterField("lora", "LoRA", "", "boolean", (Method.SUPERVISED,))
EFFORT = HyperparameterField(
    "effort", "Effort", "", "choice", (Method.SUPERVISED,), choices=("low", "high")
)


@pytest.mark.parametrize(
    ("setting", "text", "values"),
    [
        (EPOCHS, "1, 2 4", [1, 2, 4]),
        (EPOCHS, "3;3,3", [3]),
        (EPOCHS, "auto 3", ["auto", 3]),
        (EPOCHS, " ", []),
        (RATE, "1e-5, 0.5", [1e-5, 0.5]),
        (LORA, "yes, no", [True, False]),
        (EFFORT, "high low", ["high", "low"]),
    ],
)
def test_values_are_read_once_each_in_their_order(setting, text, values):
    assert grid.read_values(text, setting) == values


@pytest.mark.parametrize(
    ("setting", "text", "words"),
    [
        (EPOCHS, "1, two", "“two” is not a whole number"),
        (EPOCHS, "1.5", "“1.5” is not a whole number"),
        (EPOCHS, "0", "0 is not between 1 and 50"),
        (EPOCHS, "51", "51 is not between 1 and 50"),
        (RATE, "x", "“x” is not a number"),
        (RATE, "0", "0 is too small: at least 1e-06"),
        (RATE, "nan", "nan is too small"),
        (RATE, "inf", "inf is too small"),
        (RATE, "auto", "“auto” is not a number"),
        (LORA, "maybe", "“maybe” is not one of"),
        (EFFORT, "medium", "“medium” is not one of: low, high"),
    ],
)
def test_a_value_that_cannot_be_is_named(setting, text, words):
    with pytest.raises(grid.BadValue, match=words):
        grid.read_values(text, setting)


def test_every_combination_comes_once():
    made = list(grid.combinations({"n_epochs": [1, 2], "lora": [True, False]}))
    assert made == [
        {"n_epochs": 1, "lora": True},
        {"n_epochs": 1, "lora": False},
        {"n_epochs": 2, "lora": True},
        {"n_epochs": 2, "lora": False},
    ]
    assert grid.count({"n_epochs": [1, 2], "lora": [True, False]}) == len(made)
