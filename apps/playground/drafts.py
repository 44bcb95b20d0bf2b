"""A conversation before its first message: what to compare."""

from apps.accounts.models import Membership
from apps.jobs.models import Job
from apps.library import serving
from apps.library.models import TunedModel
from apps.playground.models import Conversation
from apps.playground.services import ColumnChoice
from apps.providers.models import Connection
from apps.providers.profiles import profile_for

COLUMNS = 2


def draft(
    *, membership: Membership, job: Job | None, model: str = "", tuned: TunedModel | None = None
) -> tuple[Conversation, list[ColumnChoice]]:
    """Return an unsaved conversation: a job's base beside its result, or one model twice.

    `model` may name a checkpoint of the job, to take the place of its result. A tuned model that
    no job here made is beside its base too.
    """
    conversation = Conversation(
        workspace_id=membership.workspace_id,
        created_by_id=membership.user_id,
        job=job,
        system_prompt=job.training_data.system_prompt if job and job.training_data else "",
    )
    if job:
        models = (job.base_model, serving.chat_name(job.connection, _result(job, model)))
        return conversation, [ColumnChoice(job.connection, each) for each in models]
    if tuned:
        models = (tuned.base_model or tuned.name, serving.chat_name(tuned.connection, tuned.name))
        return conversation, [ColumnChoice(tuned.connection, each) for each in models]
    return conversation, [_any_model(membership)] * COLUMNS


def _result(job: Job, wanted: str) -> str:
    """Return the checkpoint that was asked for, else what the job ended with."""
    if wanted and _has_made(job, wanted):
        return wanted
    return job.fine_tuned_model or job.provider_job_id


def _has_made(job: Job, name: str) -> bool:
    """Whether a checkpoint or a tuned model of the job has this name, taken from an address."""
    if "\x00" in name:  # PostgreSQL refuses to look for it
        return False
    return (
        job.checkpoints.filter(model=name).exists() or job.tuned_models.filter(name=name).exists()
    )


def _any_model(membership: Membership) -> ColumnChoice:
    """The local engine if there is one: it is always there and costs nothing."""
    connections = list(Connection.objects.visible_to(membership).order_by("pk"))
    connections.sort(key=lambda each: each.profile != Connection.Profile.ENGINE)
    if not connections:
        return ColumnChoice(None, "")
    base_models = profile_for(connections[0].profile).base_models
    return ColumnChoice(connections[0], base_models[0] if base_models else "")


def comparable_jobs(membership: Membership) -> list[Job]:
    """Return the newest jobs whose result can be put beside its base."""
    jobs = Job.objects.visible_to(membership).exclude(fine_tuned_model="")
    return list(jobs.order_by("-created_at", "-pk")[:5])
