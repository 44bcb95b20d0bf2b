"""Whether a job may start: each refusal is an exception with words for people."""

from django.utils import timezone
from django.utils.translation import gettext as _

from apps.accounts.models import Membership
from apps.datasets import trainability
from apps.datasets.models import Version
from apps.jobs.graders import shape
from apps.jobs.starting import hyperparameters, metadata, methods, tuned_models, wandb
from apps.jobs.starting.wanted import Wanted
from apps.providers.profiles import Profile
from apps.providers.types import Method


class JobRefused(Exception):
    """This job cannot start; `str()` says why and `field` where, for people."""

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


def check(membership: Membership, wanted: Wanted) -> None:
    """Raise JobRefused with the first reason why this job cannot start."""
    _refuse_foreign(membership, wanted)
    _refuse_late(wanted.profile)
    _refuse_unready(wanted)
    _refuse_method(wanted)
    _refuse_untunable(wanted)
    chosen = wanted.hyperparameters
    if problem := hyperparameters.first_problem(wanted.profile, wanted.method, chosen):
        raise JobRefused(problem.message, field=problem.name)
    _refuse_grader(wanted)
    _refuse_not_offered(wanted)
    _refuse_labels(wanted)


def _refuse_foreign(membership: Membership, wanted: Wanted) -> None:
    rows = (wanted.connection, wanted.training_data, wanted.validation_data, wanted.cloned_from)
    if any(row is not None and row.workspace_id != membership.workspace_id for row in rows):
        raise JobRefused(_("This belongs to another workspace."))


def _refuse_late(profile: Profile) -> None:
    if profile.days_to_train(timezone.localdate()) == 0:
        raise JobRefused(_("This provider no longer starts new jobs."), field="connection")


def _refuse_method(wanted: Wanted) -> None:
    if why_not := wanted.profile.why_not(wanted.method):
        raise JobRefused(why_not, field="method")
    if words := methods.mismatch(wanted.method, wanted.training_data):
        raise JobRefused(words, field="method")
    if wanted.validation_data is None and wanted.method == Method.REINFORCEMENT:
        words = _("A reinforcement job needs validation data: it is graded as the job goes on.")
        raise JobRefused(words, field="validation_data")


def _refuse_unready(wanted: Wanted) -> None:
    training, validation = wanted.training_data, wanted.validation_data
    for name, file in (("training_data", training), ("validation_data", validation)):
        if file is not None and file.status != Version.Status.READY:
            words = _("“%(name)s” is not ready: its check has not ended well.")
            raise JobRefused(words % {"name": file.name}, field=name)
        if file is not None:
            _refuse_untrainable(trainability.judged(file, wanted.connection), name)
    if validation == training:
        words = _("Choose another file: validating on the training examples proves nothing.")
        raise JobRefused(words, field="validation_data")
    if validation is not None and validation.format != training.format:
        words = _("The validation data must be of the same kind as the training data.")
        raise JobRefused(words, field="validation_data")


def _refuse_untrainable(verdict: trainability.Verdict, name: str) -> None:
    """Say what the report of the data says; a validation file may be short."""
    reasons = verdict.refusals if name == "training_data" else verdict.lasting_reasons
    if reasons:
        raise JobRefused(" ".join(reasons), field=name)


def _refuse_untunable(wanted: Wanted) -> None:
    """A page may still show the models of the connection that was chosen before."""
    model, connection = wanted.base_model, wanted.connection
    if wanted.profile.can_tune(model) is False:
        words = _("This provider does not train “%(model)s”. Choose one of its base models.")
        raise JobRefused(words % {"model": model}, field="base_model")
    makers = list(tuned_models.made_at(model, connection.workspace_id))
    if makers and (why_not := wanted.profile.why_not("continue_from_tuned")):
        raise JobRefused(why_not, field="base_model")
    if makers and connection.address not in {maker.address for maker in makers}:
        words = _("“%(model)s” was trained by “%(maker)s” and is not there at “%(name)s”.")
        told = {"model": model, "maker": makers[0].name, "name": connection.name}
        raise JobRefused(words % told, field="base_model")


def _refuse_grader(wanted: Wanted) -> None:
    if wanted.method != Method.REINFORCEMENT:
        if wanted.grader:
            raise JobRefused(_("Only reinforcement jobs have a grader."), field="grader")
        return
    if not wanted.grader:
        raise JobRefused(_("A reinforcement job needs a grader."), field="grader")
    if problem := next(shape.problems(wanted.grader), None):
        raise JobRefused(problem.message, field="grader")


def _refuse_not_offered(wanted: Wanted) -> None:
    """Nothing that a person asked for is left out without a word."""
    asked = {
        "suffix": bool(wanted.suffix),
        "seed": wanted.seed is not None,
        "metadata": bool(wanted.metadata),
        "wandb": bool(wanted.integrations),
    }
    for name, is_asked in asked.items():
        if is_asked and (why_not := wanted.profile.why_not(name)):
            raise JobRefused(why_not, field=name)


def _refuse_labels(wanted: Wanted) -> None:
    if words := metadata.problem_with(wanted.metadata):
        raise JobRefused(words, field="metadata")
    if words := wandb.problem_with(wandb.told_of(wanted.integrations).get("tags", ())):
        raise JobRefused(words, field="wandb_tags")
