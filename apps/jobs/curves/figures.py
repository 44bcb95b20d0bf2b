"""The numbers that tell how a training goes, by its method: from the row alone (pure)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from apps.jobs.models import Job
from apps.jobs.money import costs
from apps.providers.types import Method

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

TRAIN_LOSS = (_("Training loss"), ("train_loss", "train/loss", "loss"))
VALID_LOSS = (_("Validation loss"), ("full_valid_loss", "valid_loss", "eval_loss", "eval/loss"))
# Of several names the newest number is shown; at the same step, that of the earlier name.
MEASURES: Mapping[str, Sequence[tuple["StrPromise", Sequence[str]]]] = {
    Method.SUPERVISED: (
        TRAIN_LOSS,
        VALID_LOSS,
        (_("Token accuracy"), ("train_mean_token_accuracy", "train_token_accuracy")),
    ),
    Method.DPO: (
        TRAIN_LOSS,
        VALID_LOSS,
        (
            _("Reward accuracy"),
            (
                "train_rewards/accuracies",
                "rewards/accuracies",
                "train_rewards_accuracies",
                "rewards_accuracies",
                "train_reward_accuracy",
                "reward_accuracy",
                "train_mean_token_accuracy",  # where `train_accuracy` was sent
            ),
        ),
    ),
    Method.REINFORCEMENT: (
        (
            _("Training reward"),
            ("train_mean_reward", "scores.train_reward_mean", "train_reward_mean", "reward"),
        ),
        (
            _("Validation reward"),
            (
                "full_valid_mean_reward",
                "valid_mean_reward",
                "scores.valid_reward_mean",
                "valid_reward_mean",
                "eval_reward",
            ),
        ),
        (_("Parse errors"), ("full_valid_mean_parse_error", "train_mean_parse_error")),
    ),
}


@dataclass(frozen=True, slots=True)
class Measure:
    """One number of the training. None is shown as a dash, never as 0."""

    label: "StrPromise"
    value: float | None


@dataclass(frozen=True, slots=True)
class Figures:
    """What stands in large on the page of a job: three measures, its tokens and its cost."""

    measures: Sequence[Measure]
    trained_tokens: int | None
    usd: Decimal | None
    is_usd_estimated: bool


def figures_of(job: Job) -> Figures:
    """Gather the numbers that the job's method is judged by."""
    usd = costs.actual(job)
    estimated = job.estimate.get("usd") if usd is None else None
    return Figures(
        measures=measures_of(job),
        trained_tokens=job.trained_tokens,
        usd=Decimal(estimated) if estimated is not None else usd,
        is_usd_estimated=usd is None,
    )


def measures_of(job: Job) -> list[Measure]:
    """Return the newest value of each measure of the job's method."""
    measures = MEASURES.get(job.method, MEASURES[Method.SUPERVISED])
    return [Measure(label, newest(job.latest_metrics, names)) for label, names in measures]


def newest(latest: Mapping[str, Sequence[float]], names: Sequence[str]) -> float | None:
    """Return the newest value among these series; the earlier name wins at the same step."""
    told = [latest[name] for name in names if name in latest]
    return max(told, key=lambda pair: pair[0])[1] if told else None
