"""Writes what training shows into the database, in batches, a few times per second."""

import math
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from apps.engine import lifecycle
from apps.engine.models import TrainingEvent, TrainingJob
from apps.engine.tiny.training import StepResult

SECONDS_BETWEEN_WRITES = 0.3
DECIMALS = 6
METRICS = (
    "train_loss",
    "train_mean_token_accuracy",
    "valid_loss",
    "valid_mean_token_accuracy",
    "full_valid_loss",
    "full_valid_mean_token_accuracy",
)
NAMES = {
    "train_loss": "training loss",
    "valid_loss": "validation loss",
    "full_valid_loss": "full validation loss",
}


class Diverged(Exception):
    """The loss is no longer a number."""


@dataclass
class Journal:
    """The story of one training, as it happens."""

    job: TrainingJob
    is_cancelled: bool = False
    _steps: int = 0
    _last: StepResult | None = None
    _pending: list[TrainingEvent] = field(default_factory=list)
    _began_at: float = field(default_factory=time.monotonic)
    _written_at: float = field(default_factory=time.monotonic)

    def add(self, result: StepResult) -> None:
        """Note one step; Diverged when its figures cannot be written down."""
        if not all(map(math.isfinite, metrics_of(result).values())):
            raise Diverged(result.step)
        self._steps += 1
        self._last = result
        self._pending.append(_event(self.job, result, timezone.now()))
        if time.monotonic() - self._written_at > SECONDS_BETWEEN_WRITES:
            self.write()

    def write(self) -> None:
        """Write what has been noted, and see whether the job is to be cancelled."""
        claim = lifecycle.claim_of(self.job)
        with transaction.atomic():
            # A step that ran twice because training was interrupted is told once.
            TrainingEvent.objects.bulk_create(self._pending, ignore_conflicts=True)
            lifecycle.advance(claim, estimated_finish_at=timezone.now() + self._time_left())
        self._pending.clear()
        self._written_at = time.monotonic()
        ours = TrainingJob.objects.held_by(claim)
        self.is_cancelled = ours.filter(cancel_requested_at__isnull=False).exists()

    def _time_left(self) -> timedelta:
        if self._last is None:
            return timedelta()
        seconds_per_step = (time.monotonic() - self._began_at) / self._steps
        return timedelta(seconds=seconds_per_step * (self._last.total_steps - self._last.step))


def metrics_of(result: StepResult) -> dict[str, float | int]:
    """Return the figures of a step under OpenAI's names; what was not measured is left out."""
    measured = {name: getattr(result, name) for name in METRICS}
    figures = {
        name: round(float(value), DECIMALS) for name, value in measured.items() if value is not None
    }
    return {"step": result.step, **figures}


def _event(job: TrainingJob, result: StepResult, at: datetime) -> TrainingEvent:
    data = metrics_of(result)
    losses = ", ".join(f"{NAMES[name]}={data[name]:.2f}" for name in NAMES if name in data)
    return TrainingEvent(
        job=job,
        type=TrainingEvent.Type.METRICS,
        created_at=at,
        step=result.step,
        message=f"Step {result.step}/{result.total_steps}: {losses}",
        data={**data, "total_steps": result.total_steps},
    )
