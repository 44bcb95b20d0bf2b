"""Whether a job may start: each refusal is an exception with words for people."""

from collections.abc import Mapping

from django.utils import timezone
from django.utils.translation import gettext as _

from apps.accounts.models import Membership
from apps.datasets import trainability
from apps.datasets.models import Version
from apps.jobs import hyperparameters
from apps.providers.models import Connection
from apps.providers.profiles import Profile, profile_for
from apps.providers.types import Hyperparameter


class JobRefused(Exception):
    """This job cannot start; `str()` says why and `field` where, for people."""

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


def check(
    membership: Membership,
    *,
    connection: Connection,
    training_data: Version,
    validation_data: Version | None,
    base_model: str,
    chosen: Mapping[str, Hyperparameter],
) -> None:
    """Raise JobRefused with the first reason why this job cannot start."""
    profile = profile_for(connection.profile)
    _refuse_foreign(membership, connection, training_data, validation_data)
    _refuse_late(profile)
    _refuse_unready(connection, training_data, validation_data)
    _refuse_untunable(profile, base_model)
    if problem := hyperparameters.first_problem(profile, chosen):
        raise JobRefused(problem.message, field=problem.name)


def _refuse_foreign(membership: Membership, *rows: Connection | Version | None) -> None:
    if any(row is not None and row.workspace_id != membership.workspace_id for row in rows):
        raise JobRefused(_("This belongs to another workspace."))


def _refuse_unready(
    connection: Connection, training_data: Version, validation: Version | None
) -> None:
    for field, file in (("training_data", training_data), ("validation_data", validation)):
        if file is not None and file.status != Version.Status.READY:
            words = _("“%(name)s” is not ready: its check has not ended well.")
            raise JobRefused(words % {"name": file.name}, field=field)
        if file is not None:
            _refuse_untrainable(trainability.judged(file, connection), field)
    if validation == training_data:
        words = _("Choose another file: validating on the training examples proves nothing.")
        raise JobRefused(words, field="validation_data")
    if validation is not None and validation.format != training_data.format:
        words = _("The validation data must be of the same kind as the training data.")
        raise JobRefused(words, field="validation_data")


def _refuse_untrainable(verdict: trainability.Verdict, field: str) -> None:
    """Say what the report of the data says; a validation file may be short."""
    reasons = verdict.refusals if field == "training_data" else verdict.lasting_reasons
    if reasons:
        raise JobRefused(" ".join(reasons), field=field)


def _refuse_late(profile: Profile) -> None:
    if profile.days_to_train(timezone.localdate()) == 0:
        raise JobRefused(_("This provider no longer starts new jobs."), field="connection")


def _refuse_untunable(profile: Profile, base_model: str) -> None:
    """A page may still show the models of the connection that was chosen before."""
    if profile.can_tune(base_model) is False:
        words = _("This provider does not train “%(model)s”. Choose one of its base models.")
        raise JobRefused(words % {"model": base_model}, field="base_model")
