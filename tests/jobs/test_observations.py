"""What is said about curves: the bad ones by their evidence, the good ones never."""

import numpy as np
import pytest

from apps.jobs.curves import observations, trends
from apps.jobs.curves.chunks import Series
from apps.jobs.curves.observations import Run, observed
from tests.jobs.conftest import train

SEEDS = range(5)
NOISES = (0.02, 0.1, 0.3)


def curve(steps, numbers) -> Series:
    return Series(np.asarray(steps, np.int32), np.asarray(numbers, float))


def falling(progress, rate: float = 4):
    return 0.5 + 2 * np.exp(-rate * progress)


def run(
    count: int = 400, noise: float = 0.1, seed: int = 1, *, loss=falling, valid=falling, **more
) -> Run:
    """Make a training: noisy losses, a validation batch each tenth step, the file six times."""
    chance, steps = np.random.default_rng(seed), np.arange(1, count + 1)
    done = steps / count
    batch, whole = steps % 10 == 0, steps % (count // 6) == 0
    series = {
        "train_loss": curve(steps, loss(done) + chance.normal(0, noise, count)),
        "valid_loss": curve(
            steps[batch], valid(done[batch]) + chance.normal(0, noise, batch.sum())
        ),
        "full_valid_loss": curve(steps[whole], valid(done[whole])),
    }
    return Run(series, **({"step": count, "total_steps": count, "is_active": False} | more))


def without(made: Run, name: str) -> Run:
    series = {key: told for key, told in made.series.items() if key != name}
    return Run(series, made.step, made.total_steps, made.is_active, made.checkpoints)


def overfitted(done):
    return falling(done) + 1.2 * np.maximum(0, done - 0.45)


def diverged(done):
    return np.where(done > 0.7, 8.0, falling(done))


def at_rest(done):
    return falling(done, 14)


@pytest.mark.parametrize("noise", NOISES)
@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("count", [30, 100, 400, 3000])
def test_nothing_is_said_about_a_training_that_goes_well(count, seed, noise):
    assert observed(run(count, noise, seed)) is None
    assert observed(without(run(count, noise, seed), "full_valid_loss")) is None


@pytest.mark.parametrize("seed", SEEDS)
def test_outliers_alone_are_nothing(seed):
    chance = np.random.default_rng(seed)
    loss = lambda done: falling(done) * np.exp(0.3 * chance.standard_t(2, len(done)))  # noqa: E731
    assert observed(run(loss=loss, noise=0)) is None


@pytest.mark.parametrize("noise", [0.3, 0.8])
@pytest.mark.parametrize("count", [25, 200, 400])
def test_noise_alone_is_no_jump_and_no_rise(count, noise):
    def wild(done):
        return 0.6 + 0 * done

    for seed in range(20):
        made = without(run(count, noise, seed, loss=wild, valid=wild), "full_valid_loss")
        assert observed(made) is None
        falls = without(run(10 * count, noise, seed, valid=wild), "full_valid_loss")
        assert observed(falls) is None


@pytest.mark.parametrize("seed", SEEDS)
def test_overfitting_is_told_with_its_step_and_what_to_do(seed):
    found = observed(run(noise=0.05, seed=seed, valid=overfitted, checkpoints=[100, 200, 400]))
    assert found
    assert (found.kind, found.is_clear) == ("overfitting", True)
    assert "has risen since about step 198, from 0.8" in found.evidence
    assert "to 1.186" in found.evidence
    assert "while the training loss fell from 0.7" in found.evidence
    assert found.advice.startswith("The checkpoint of step 200 is probably better")


def test_overfitting_shows_in_noisy_batches_only_where_they_are_many():
    batches = without(run(3000, 0.02, valid=overfitted), "full_valid_loss")
    found = observed(batches)
    assert found
    assert found.kind == "overfitting"
    assert "fewer epochs" in found.advice
    few = without(run(150, 0.02, valid=overfitted), "full_valid_loss")
    assert observed(few) is None


def test_a_rising_validation_loss_alone_is_not_overfitting():
    assert observed(run(noise=0.02, loss=lambda done: 1 + 0 * done, valid=overfitted)) is None


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("count", [40, 400, 3000])
def test_divergence_is_told_before_anything_else(count, seed):
    found = observed(run(count, seed=seed, loss=diverged, valid=overfitted))
    assert found
    assert (found.kind, found.is_clear) == ("divergence", True)
    step = int(found.evidence.split("step ")[1].split(",")[0])
    assert 0.66 * count <= step <= 0.74 * count
    assert "lower learning rate" in found.advice


def test_a_jump_that_came_back_is_nothing():
    spike = lambda done: np.where(abs(done - 0.5) < 0.04, 6.0, falling(done))  # noqa: E731
    assert observed(run(loss=spike)) is None


def test_a_loss_that_is_no_longer_sent_is_told_as_likely():
    found = observed(run(count=60, step=100, total_steps=200, is_active=True))
    assert found
    assert (found.kind, found.is_clear) == ("divergence", False)
    assert "no training loss after step 60, although training went on to step 100" in found.evidence
    assert observed(run(count=60, step=65, total_steps=200, is_active=True)) is None


def test_a_loss_that_is_told_was_there():
    steps = np.arange(1, 159)
    loss = 4.7 * np.exp(-steps / 18) + 0.002  # a straight line through its end goes below 0
    found = trends.rest(Series(steps, loss))
    assert found
    assert loss.min() <= found.after < found.before <= loss[found.since - 2]


def test_a_plateau_is_told_from_half_way_on():
    found = observed(run(3000, 0.05, loss=at_rest, valid=at_rest))
    assert found
    assert found.kind == "plateau"
    assert "has hardly changed in the last 60 % of the steps: 0.50" in found.evidence
    early = run(1000, 0.02, loss=at_rest, valid=at_rest, total_steps=3000, is_active=True)
    assert observed(early) is None
    assert observed(run(36, 0.02, loss=at_rest, valid=at_rest)) is None
    assert (
        observed(run(3000, loss=lambda done: 1 + 0 * done, valid=lambda done: 1 + 0 * done)) is None
    )


def rewards(train_reward, valid_reward) -> Run:
    steps = np.arange(1, 401)
    done, whole = steps / 400, steps % 60 == 0
    noise = np.random.default_rng(3).normal(0, 0.03, 400)
    series = {
        "train_mean_reward": curve(steps, train_reward(done) + noise),
        "full_valid_mean_reward": curve(steps[whole], valid_reward(done[whole])),
    }
    return Run(series, 400, 400, is_active=False)


def rising(done):
    return 0.2 + 0.6 * done


def test_rewards_are_better_when_they_are_higher():
    assert observed(rewards(rising, rising)) is None
    learned = observed(rewards(rising, lambda done: rising(done) - 1.2 * np.maximum(0, done - 0.5)))
    assert learned
    assert learned.kind == "overfitting"
    assert (
        "validation reward has fallen since about step 180, from 0.470 to 0.2" in learned.evidence
    )
    fallen = observed(rewards(lambda done: np.where(done > 0.7, 0.05, rising(done)), rising))
    assert fallen
    assert (fallen.kind, "from 0.6" in fallen.evidence) == ("divergence", True)


def test_too_few_points_say_nothing_at_all():
    assert observed(Run({}, 0, None, is_active=True)) is None
    for count in range(1, trends.FEWEST):
        steps = np.arange(1, count + 1)
        up = {"train_loss": curve(steps, 0.1 * 2.0**steps), "valid_loss": curve(steps, steps)}
        assert observed(Run(up, count, None, is_active=True)) is None


def test_the_page_tells_it(client, running_job):
    made = run(400, 0.05, valid=overfitted)
    for name, series in made.series.items():
        told = zip(series.steps.tolist(), series.numbers.tolist(), strict=True)
        train(running_job, {step: {name: number} for step, number in told})
    text = client.get(running_job.get_absolute_url()).content.decode()
    assert "The model begins to learn the examples by heart" in text
    assert "The validation loss has risen since about step 198" in text
    assert set(made.series) <= observations.NAMES
