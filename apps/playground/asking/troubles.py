"""Why a model did not answer, and what to do: what the provider said, and what Retune knows."""

from django.utils import timezone

from apps.library.deployments import serving
from apps.library.models import SETTLES_WITHIN, TunedModel
from apps.playground.models import Reply, Trouble
from apps.providers.profiles import profile_for
from apps.providers.types import ProviderError, ProviderUnavailable

TROUBLE_OF_STATUS = {
    401: Trouble.KEY_REFUSED,
    402: Trouble.NO_CREDIT,
    403: Trouble.KEY_REFUSED,
    404: Trouble.MODEL_NOT_FOUND,
    429: Trouble.NO_CREDIT,  # for good: asking less often would not help
}


def trouble_with(reply: Reply, refusal: ProviderError | ProviderUnavailable) -> Trouble:
    """Return what is wrong. A model that is only minutes old is given time, whatever was said."""
    trouble = Trouble.UNAVAILABLE
    if isinstance(refusal, ProviderError):
        trouble = TROUBLE_OF_STATUS.get(refusal.status or 0, Trouble.REFUSED)
    if trouble not in {Trouble.UNAVAILABLE, Trouble.MODEL_NOT_FOUND} or not reply.connection:
        return trouble
    model = serving.model_behind(reply.connection, reply.model)
    if _is_new(reply, model):
        return Trouble.MODEL_NOT_READY
    known = _state(model, reply.model) if model and trouble == Trouble.MODEL_NOT_FOUND else None
    return known or trouble


def _is_new(reply: Reply, model: TunedModel | None) -> bool:
    """Say whether its training has ended only just now; its row may not be made yet."""
    if model:
        return model.is_new and not model.deleted_at
    job = reply.turn.conversation.job
    if job is None or job.fine_tuned_model != reply.model:
        return False
    return job.finished_at is None or timezone.now() - job.finished_at < SETTLES_WITHIN


def _state(model: TunedModel, asked: str) -> Trouble | None:
    if model.deleted_at:
        return Trouble.MODEL_DELETED
    if model.days_left(timezone.localdate()) == 0:
        return Trouble.MODEL_ENDED
    needed = profile_for(model.connection.profile).capabilities.deployment == "required"
    is_served = model.deployments.answering().filter(model=asked).exists()
    return Trouble.MODEL_NOT_DEPLOYED if needed and not is_served else None
