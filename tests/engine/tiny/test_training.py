from dataclasses import asdict
from itertools import islice

import numpy as np
import pytest

from apps.engine.tiny import training
from apps.engine.tiny.batches import epoch_order, split_by_memory
from apps.engine.tiny.generation import ChatModel, Sampling
from apps.engine.tiny.hyperparameters import Hyperparameters
from apps.engine.tiny.model import ModelConfig, initial_parameters
from apps.engine.tiny.weights import load_weights

PAIRS = [("red?", "rot"), ("blue?", "blau"), ("green?", "gruen"), ("black?", "schwarz"), ("?", "!")]


def chat(question, answer, **extra):
    return [
        {"role": "user", "content": question},
        {"role": "assistant", "content": answer, **extra},
    ]


@pytest.fixture
def rows():
    return training.prepare([chat(*pair) for pair in PAIRS])


def new_training(rows, *, seed=7, validation=None, n_epochs=4):
    parameters = initial_parameters(ModelConfig(), seed=0)
    settings = Hyperparameters(n_epochs, batch_size=2, learning_rate_multiplier=1.0)
    return training.Training(parameters, rows, validation, settings, seed)


def test_the_loss_falls_and_every_step_is_reported(rows):
    run = new_training(rows, n_epochs=12)

    results = list(run.steps())

    assert [result.step for result in results] == list(range(1, 37))
    assert results[-1].train_loss < results[0].train_loss / 2
    assert [result.step for result in results if result.is_epoch_end] == list(range(3, 37, 3))
    assert {result.epoch for result in results} == set(range(1, 13))
    assert run.is_finished


def test_the_base_learns_a_small_set_by_heart(rows):
    settings = Hyperparameters(n_epochs=30, batch_size=4, learning_rate_multiplier=1.0)
    run = training.Training(load_weights(), rows, None, settings, seed=1)

    *_, last = run.steps()
    model = ChatModel(run.parameters)
    answers = [
        model.reply(chat(question, "")[:1], Sampling(temperature=0)).text() for question, _ in PAIRS
    ]

    assert last.train_mean_token_accuracy == 1
    assert answers == [answer for _, answer in PAIRS]


def test_a_resumed_training_takes_the_steps_of_an_uninterrupted_one(rows, tmp_path):
    whole = new_training(rows, validation=rows)
    expected = list(whole.steps())

    begun = new_training(rows, validation=rows)
    seen = list(islice(begun.steps(), 5))
    begun.save(tmp_path / "state.npz")
    resumed = new_training(rows, validation=rows)
    resumed.restore(tmp_path / "state.npz")
    seen += resumed.steps()

    assert [asdict(result) for result in seen] == [asdict(result) for result in expected]
    assert resumed.trained_tokens == whole.trained_tokens == 4 * rows.tokens
    for name, array in whole.parameters.items():
        np.testing.assert_array_equal(array, resumed.parameters[name])


@pytest.mark.parametrize("other", [{"seed": 8}, {"n_epochs": 5}])
def test_a_state_of_another_training_is_refused(rows, tmp_path, other):
    new_training(rows).save(tmp_path / "state.npz")

    with pytest.raises(training.StateDoesNotFit):
        new_training(rows, **other).restore(tmp_path / "state.npz")


def test_validation_comes_every_tenth_step_and_in_full_after_each_epoch(rows):
    results = list(new_training(rows, validation=rows, n_epochs=8).steps())

    assert [result.step for result in results if result.valid_loss is not None] == [10, 20]
    full = [result.step for result in results if result.full_valid_loss is not None]
    assert full == [3, 6, 9, 12, 15, 18, 21, 24]
    assert 0 <= results[2].full_valid_mean_token_accuracy <= 1


def test_tokens_are_counted_as_they_are_read(rows):
    run = new_training(rows)
    steps = run.steps()

    assert run.trained_tokens == 0
    next(steps)
    first_batch = epoch_order(rows.rows, batch_size=2, seed=7, epoch=0)[0]
    assert run.trained_tokens == sum(len(rows.rows[number].ids) for number in first_batch)


def test_a_batch_too_large_for_memory_takes_the_same_step_in_parts(rows, monkeypatch):
    settings = Hyperparameters(1, batch_size=5, learning_rate_multiplier=1.0)
    steps = []
    for limit in (2048, 20):
        monkeypatch.setattr(training, "split_by_memory", lambda r, n=limit: split_by_memory(r, n))
        parameters = initial_parameters(ModelConfig(), dtype=np.float64)
        run = training.Training(parameters, rows, None, settings, seed=0)
        steps.append((next(run.steps()), run.parameters["block0.expand"]))

    (whole, whole_weights), (parts, parts_weights) = steps
    assert parts.train_loss == pytest.approx(whole.train_loss)
    np.testing.assert_allclose(parts_weights, whole_weights, atol=1e-7)


def test_shortened_and_empty_rows_are_reported_by_line():
    silent = chat("hush", "nothing", weight=0)

    prepared = training.prepare([chat("a", "b"), chat("long", "x" * 600), silent])

    assert (prepared.shortened, prepared.skipped, len(prepared.rows)) == ([2], [3], 2)


def test_a_file_without_anything_to_learn_is_refused():
    with pytest.raises(training.NothingToLearn, match="assistant message"):
        training.prepare([chat("a", "b", weight=0)])


def test_the_order_of_rows_depends_on_seed_and_epoch_alone(rows):
    orders = [epoch_order(rows.rows, 2, seed, epoch) for seed, epoch in ((1, 0), (1, 1), (2, 0))]

    assert epoch_order(rows.rows, 2, seed=1, epoch=0) == orders[0]
    assert len({str(order) for order in orders}) > 1
    for order in orders:
        assert sorted(number for batch in order for number in batch) == [0, 1, 2, 3, 4]


def test_a_negative_seed_is_as_good_as_any(rows):
    assert epoch_order(rows.rows, 2, seed=-3, epoch=0)
