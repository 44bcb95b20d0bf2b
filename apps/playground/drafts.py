"""A conversation before its first message: what to compare."""

from collections.abc import Sequence
from uuid import UUID

from apps.accounts.models import Membership
from apps.jobs.models import Job
from apps.library.deployments import serving
from apps.library.models import TunedModel
from apps.playground.models import MAX_COLUMNS, MIN_COLUMNS, Conversation
from apps.playground.services import ColumnChoice
from apps.providers.models import Connection
from apps.providers.profiles import profile_for

Asked = tuple[Connection | None, str]


def draft(
    *,
    membership: Membership,
    job: Job | None,
    model: str = "",
    tuned: TunedModel | None = None,
    named: Sequence[tuple[str, str]] = (),
) -> tuple[Conversation, list[ColumnChoice]]:
    """Return an unsaved conversation: a job's base beside its result, or what was compared last.

    `model` may name a checkpoint of the job, to take the place of its result. A tuned model that
    no job here made is beside its base too. `named` are connections by id, each with a model.
    """
    conversation = Conversation(
        workspace_id=membership.workspace_id,
        created_by_id=membership.user_id,
        job=job,
        system_prompt=job.training_data.system_prompt if job and job.training_data else "",
    )
    if job:
        models = (job.base_model, serving.chat_name(job.connection, _result(job, model)))
        return conversation, _side_by_side([(job.connection, each) for each in models])
    if tuned:
        models = (tuned.base_model or tuned.name, serving.chat_name(tuned.connection, tuned.name))
        return conversation, _side_by_side([(tuned.connection, each) for each in models])
    asked = _named(membership, named) or _last_used(membership) or [_any_model(membership)]
    return conversation, _side_by_side(asked)


def _side_by_side(asked: Sequence[Asked]) -> list[ColumnChoice]:
    """Return a column for each; one model alone is put beside itself."""
    enough = [*asked, *asked] if len(asked) < MIN_COLUMNS else asked[:MAX_COLUMNS]
    return [ColumnChoice(place, *each) for place, each in enumerate(enough)]


def _named(membership: Membership, named: Sequence[tuple[str, str]]) -> list[Asked]:
    """Return what an address asks for; a connection that is none of this workspace is left out."""
    visible = Connection.objects.visible_to(membership)
    wanted = [each for each, _model in named if _is_id(each)]
    known = {str(each.public_id): each for each in visible.filter(public_id__in=wanted)}
    return [(known[each], model) for each, model in named if each in known]


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _last_used(membership: Membership) -> list[Asked]:
    """Return what this person compared last, as far as its connections are still there."""
    mine = Conversation.objects.visible_to(membership).filter(created_by_id=membership.user_id)
    last = mine.with_columns().order_by("-updated_at", "-pk").first()
    if last is None:
        return []
    columns = [column for column in last.columns.all() if column.is_open]
    return [(column.connection, column.model) for column in columns if column.connection]


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


def _any_model(membership: Membership) -> Asked:
    """The local engine if there is one: it is always there and costs nothing."""
    connections = list(Connection.objects.visible_to(membership).order_by("pk"))
    connections.sort(key=lambda each: each.profile != Connection.Profile.ENGINE)
    if not connections:
        return None, ""
    base_models = profile_for(connections[0].profile).base_models
    return connections[0], base_models[0] if base_models else ""


def comparable_jobs(membership: Membership) -> list[Job]:
    """Return the newest jobs whose result can be put beside its base."""
    jobs = Job.objects.visible_to(membership).exclude(fine_tuned_model="")
    return list(jobs.order_by("-created_at", "-pk")[:5])
