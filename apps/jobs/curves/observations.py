"""What stands out in the curves of a job, in words: evidence, how sure, what to do (pure).

Nothing is said on too little data; `trends` decides. Only the gravest thing is told.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from django.utils.translation import gettext as _

from apps.jobs.curves import trends
from apps.jobs.curves.chunks import EMPTY, Series
from apps.jobs.curves.trends import Change
from apps.jobs.templatetags.job_charts import measure

TRAIN_LOSSES = ("train_loss", "train/loss", "loss")
TRAIN_REWARDS = ("train_mean_reward", "scores.train_reward_mean", "train_reward_mean", "reward")
# Numbers of the whole validation file are hardly noisy, those of its batches are.
WHOLE_LOSSES = ("full_valid_loss", "eval_loss", "eval/loss")
WHOLE_REWARDS = ("full_valid_mean_reward", "eval_reward")
BATCH_LOSSES = ("valid_loss",)
BATCH_REWARDS = ("valid_mean_reward", "scores.valid_reward_mean", "valid_reward_mean")
NAMES = {
    *TRAIN_LOSSES,
    *TRAIN_REWARDS,
    *WHOLE_LOSSES,
    *WHOLE_REWARDS,
    *BATCH_LOSSES,
    *BATCH_REWARDS,
}
SILENT_TIMES = 10  # times the usual distance of two losses, without any
HALF_WAY = 0.5  # before that, a curve may rest and go on

Kind = Literal["divergence", "overfitting", "plateau"]


@dataclass(frozen=True, slots=True)
class Observation:
    """One thing that a person should know."""

    kind: Kind
    title: str
    evidence: str
    advice: str
    is_clear: bool = True


@dataclass(frozen=True, slots=True)
class Run:
    """The curves of a job, and how far it is."""

    series: Mapping[str, Series]
    step: int
    total_steps: int | None
    is_active: bool
    checkpoints: Sequence[int] = ()

    def first_of(self, names: Sequence[str]) -> Series:
        """Return the first of these series that the job has."""
        known = (self.series[name] for name in names if name in self.series)
        return next((series for series in known if len(series.steps)), EMPTY)


def observed(run: Run) -> Observation | None:
    """Return the gravest thing that stands out, None where nothing does."""
    looks = (_silent, _jumped, _collapsed, _overfitted, _overrewarded, _at_rest)
    return next((found for look in looks if (found := look(run))), None)


def _silent(run: Run) -> Observation | None:
    """A loss that is no number any more is not sent, or could not be kept."""
    loss = run.first_of(TRAIN_LOSSES)
    if len(loss.steps) < 2:
        return None
    last = int(loss.steps[-1])
    usual = max(1, (last - int(loss.steps[0])) // (len(loss.steps) - 1))
    if run.step - last <= SILENT_TIMES * usual:
        return None
    words = _(
        "There is no training loss after step %(last)s, although training went on to step "
        "%(step)s: it is probably no number any more."
    )
    evidence = words % {"last": last, "step": run.step}
    return Observation(
        "divergence", _("The training diverged"), evidence, _lower_rate(), is_clear=False
    )


def _jumped(run: Run) -> Observation | None:
    change = trends.jump(run.first_of(TRAIN_LOSSES))
    if not change:
        return None
    words = _(
        "The training loss jumped at about step %(step)s, from %(before)s to %(after)s, "
        "and did not come back."
    )
    evidence = words % _told(change)
    return Observation(
        "divergence", _("The training diverged"), evidence, _lower_rate(), change.is_clear
    )


def _lower_rate() -> str:
    return _(
        "Start again with a lower learning rate. If it happens at the same step again, look at "
        "the examples of that part of the dataset."
    )


def _collapsed(run: Run) -> Observation | None:
    reward = run.first_of(TRAIN_REWARDS)
    top = float(reward.numbers.max()) if len(reward.steps) else 0.0
    change = trends.jump(Series(reward.steps, top - reward.numbers))
    if not change:
        return None
    words = _(
        "The training reward fell at about step %(step)s, from %(before)s to %(after)s, "
        "and did not come back."
    )
    told = {"before": measure(top - change.before), "after": measure(top - change.after)}
    evidence = words % (told | {"step": change.since})
    return Observation(
        "divergence", _("The reward collapsed"), evidence, _lower_rate(), change.is_clear
    )


def _overfitted(run: Run) -> Observation | None:
    train = run.first_of(TRAIN_LOSSES)
    change = _turn(run, WHOLE_LOSSES, BATCH_LOSSES, sign=1)
    fall = trends.fell(train, change.since) if change else None
    if not change or not fall:
        return None
    words = _(
        "The validation loss has risen since about step %(step)s, from %(before)s to %(after)s, "
        "while the training loss fell from %(train_before)s to %(train_after)s."
    )
    told = {"train_before": measure(fall[0]), "train_after": measure(fall[1])}
    evidence = words % (_told(change) | told)
    title = _("The model begins to learn the examples by heart")
    return Observation("overfitting", title, evidence, _earlier(run, change.since), change.is_clear)


def _overrewarded(run: Run) -> Observation | None:
    train = trends.negated(run.first_of(TRAIN_REWARDS))
    change = _turn(run, WHOLE_REWARDS, BATCH_REWARDS, sign=-1)
    fall = trends.fell(train, change.since) if change else None
    if not change or not fall:
        return None
    words = _(
        "The validation reward has fallen since about step %(step)s, from %(before)s to "
        "%(after)s, while the training reward rose from %(train_before)s to %(train_after)s."
    )
    told = {"train_before": measure(-fall[0]), "train_after": measure(-fall[1])}
    evidence = words % (_told(change, sign=-1) | told)
    title = _("The model begins to learn the examples by heart")
    return Observation("overfitting", title, evidence, _earlier(run, change.since), change.is_clear)


def _turn(run: Run, whole: Sequence[str], batches: Sequence[str], *, sign: int) -> Change | None:
    """Ask the numbers of the whole file; only where there are none, those of its batches."""
    series = run.first_of(whole)
    is_whole_file = len(series.steps) > 1
    if not is_whole_file:
        series = run.first_of(batches)
    return trends.turn(Series(series.steps, sign * series.numbers), is_whole_file=is_whole_file)


def _earlier(run: Run, step: int) -> str:
    """Say how to get the model as it was: by a checkpoint if one is near, else by fewer epochs."""
    near = min(run.checkpoints, key=lambda each: abs(each - step), default=None)
    if near is not None and abs(near - step) < abs(run.step - step) / 2:
        words = _("The checkpoint of step %(step)s is probably better than the last one.")
        return words % {"step": near}
    return _("Start again with fewer epochs, or add examples that differ from those it has.")


def _at_rest(run: Run) -> Observation | None:
    is_early = run.is_active and run.step < HALF_WAY * (run.total_steps or 2 * run.step + 1)
    is_loss = len(run.first_of(TRAIN_LOSSES).steps) > 0
    series = run.first_of(TRAIN_LOSSES) if is_loss else run.first_of(TRAIN_REWARDS)
    rest = trends.rest(series if is_loss else trends.negated(series))
    if is_early or not rest:
        return None
    words = (
        _(
            "The training loss has hardly changed in the last %(percent)d %% of the steps: "
            "%(before)s at step %(step)s, now %(after)s."
        )
        if is_loss
        else _(
            "The training reward has hardly changed in the last %(percent)d %% of the steps: "
            "%(before)s at step %(step)s, now %(after)s."
        )
    )
    sign = 1 if is_loss else -1
    told = _told(Change(rest.since, rest.before, rest.after, is_clear=True), sign=sign)
    evidence = words % (told | {"percent": round(100 * rest.part)})
    advice = _("Training longer on the same examples will hardly help; other examples may.")
    return Observation("plateau", _("The training has come to rest"), evidence, advice)


def _told(change: Change, *, sign: int = 1) -> dict[str, object]:
    return {
        "step": change.since,
        "before": measure(sign * change.before),
        "after": measure(sign * change.after),
    }
