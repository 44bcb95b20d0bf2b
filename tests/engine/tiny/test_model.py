import numpy as np
import pytest

from apps.engine.tiny.batches import pad_batch
from apps.engine.tiny.model import (
    Batch,
    ModelConfig,
    evaluate,
    initial_parameters,
    loss_and_gradients,
    parameter_count,
)
from apps.engine.tiny.tokens import encode_conversation

SMALL = ModelConfig(vocabulary=17, width=16, layers=2, heads=2, context=12)
NUDGE = 1e-5


@pytest.fixture
def batch():
    random = np.random.default_rng(3)
    weights = random.choice([0.0, 1.0, 0.5], size=(3, 9))
    return Batch(random.integers(0, 17, (3, 9)), random.integers(0, 17, (3, 9)), weights)


def slope(parameters, name, index, batch):
    """Return how the loss changes with one number, by trying it on both sides."""
    array, before = parameters[name], parameters[name][index]
    array[index] = before + NUDGE
    above = evaluate(SMALL, parameters, batch).loss
    array[index] = before - NUDGE
    below = evaluate(SMALL, parameters, batch).loss
    array[index] = before
    return (above - below) / (2 * NUDGE)


@pytest.mark.parametrize("name", list(initial_parameters(SMALL)))
def test_every_gradient_is_the_slope_of_the_loss(name, batch):
    parameters = initial_parameters(SMALL, dtype=np.float64)
    _, gradients = loss_and_gradients(SMALL, parameters, batch)
    random = np.random.default_rng(5)

    for _ in range(8):
        index = tuple(random.integers(0, size) for size in parameters[name].shape)
        expected = slope(parameters, name, index, batch)
        assert gradients[name][index] == pytest.approx(expected, rel=1e-5, abs=1e-9)


def test_the_base_model_has_1_083_392_parameters():
    assert parameter_count(initial_parameters(ModelConfig())) == 1_083_392


def test_the_loss_knows_nothing_of_tokens_without_weight(batch):
    parameters = initial_parameters(SMALL)
    other_targets = np.where(batch.weights == 0, (batch.targets + 1) % 17, batch.targets)

    before = evaluate(SMALL, parameters, batch)

    assert evaluate(SMALL, parameters, batch._replace(targets=other_targets)) == before


def test_a_position_sees_nothing_of_those_after_it(batch):
    parameters = initial_parameters(SMALL)
    only_first_five = batch.weights * (np.arange(9) < 5)
    other_inputs = np.where(np.arange(9) < 5, batch.inputs, 0)

    before = evaluate(SMALL, parameters, batch._replace(weights=only_first_five))
    after = evaluate(
        SMALL, parameters, batch._replace(weights=only_first_five, inputs=other_inputs)
    )

    assert after.loss == pytest.approx(before.loss, rel=1e-6)


def test_padding_changes_neither_loss_nor_gradients():
    short, long = (
        encode_conversation([{"role": "assistant", "content": text}], 512)
        for text in ("Hi", "Hi" * 20)
    )
    silent = type(long)(long.ids, bytes(len(long.ids)))  # makes the batch long, adds no loss
    parameters = initial_parameters(ModelConfig(), dtype=np.float64)

    alone, alone_gradients = loss_and_gradients(ModelConfig(), parameters, pad_batch([short]))
    padded, padded_gradients = loss_and_gradients(
        ModelConfig(), parameters, pad_batch([short, silent])
    )

    assert padded.loss == pytest.approx(alone.loss)
    np.testing.assert_allclose(padded_gradients["block0.qkv"], alone_gradients["block0.qkv"])
