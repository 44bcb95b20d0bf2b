"""What the pages of models show, gathered in a fixed number of queries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.core.paginator import Page, Paginator
from django.db.models import Count, F, Func, Min, Prefetch, Q
from django.utils import timezone

from apps.accounts.models import Membership
from apps.jobs.models import Checkpoint, Job
from apps.library.filters import Filters, Order, Shown
from apps.library.inventory.endings import Announcement, announcement
from apps.library.models import Deployment, Removal, TunedModel, TunedModelQuerySet
from apps.library.money import costs
from apps.library.money.costs import Cost
from apps.providers.models import Override
from apps.providers.profiles import profile_for

MODELS_PER_PAGE = 50
CONTINUED_SHOWN = 20
SOON = timedelta(days=60)  # time to do something about a model that ends
LISTED = (  # the columns that a row of the list shows
    *("public_id", "name", "title", "base_model", "made_at", "is_checkpoint", "step", "tags"),
    *("ends_on", "end_told_by", "deleted_at", "job_id", "workspace_id"),
    *("connection__name", "connection__profile", "connection__public_id"),
    *("job__name", "job__public_id", "job__training_data__number"),
    *("job__training_data__is_newest", "job__training_data__dataset__name"),
    "job__training_data__dataset__public_id",
)


@dataclass(frozen=True, slots=True)
class ModelPage:
    """One page of the list."""

    page: Page[int]
    models: Sequence[TunedModel]


@dataclass(frozen=True, slots=True)
class Counts:
    """How many there are of each kind."""

    models: int
    checkpoints: int
    deleted: int
    ending: int  # models that stop answering soon
    first_end: date | None  # … and the first of these days


@dataclass(frozen=True, slots=True)
class CheckpointRow:
    """A saved state of the model's job, and its own page where it has one."""

    checkpoint: Checkpoint
    model: TunedModel | None
    is_best: bool


@dataclass(frozen=True, slots=True)
class ModelDetail:
    """Everything on the page of one model."""

    model: TunedModel
    cost: Cost
    checkpoints: Sequence[CheckpointRow]
    continued: Sequence[Job]
    result: TunedModel | None  # of a checkpoint: what its job ended with
    removal: Removal | None  # somebody asked for it to be deleted at the provider


def model_page(membership: Membership, filters: Filters, number: str | int) -> ModelPage:
    """Return one page of the models that this member may see, and what its rows show."""
    found = _ordered(_matching(TunedModel.objects.visible_to(membership), filters), filters.order)
    rows = found.values_list("pk", flat=True)
    page = Paginator(rows, MODELS_PER_PAGE).get_page(number)
    page.object_list = list(page.object_list)
    details = TunedModel.objects.select_related("connection", "job__training_data__dataset")
    live = Prefetch("deployments", Deployment.objects.live(), to_attr="live_deployments")
    shown = details.only(*LISTED).prefetch_related(live).in_bulk(page.object_list)
    return ModelPage(page, [shown[pk] for pk in page.object_list if pk in shown])


def counts(membership: Membership, *, today: date) -> Counts:
    """Count what there is of each kind, and how many models stop answering soon."""
    kept = Q(is_checkpoint=False, deleted_at=None)
    soon = kept & Q(ends_on__gte=today, ends_on__lte=today + SOON)
    found = TunedModel.objects.visible_to(membership).aggregate(
        models=Count("pk", filter=kept),
        checkpoints=Count("pk", filter=Q(is_checkpoint=True, deleted_at=None)),
        deleted=Count("pk", filter=Q(deleted_at__isnull=False)),
        ending=Count("pk", filter=soon),
        first_end=Min("ends_on", filter=soon),
    )
    return Counts(**found)


def has_models(membership: Membership) -> bool:
    """Say whether there is any model at all, deleted ones too."""
    return TunedModel.objects.visible_to(membership).exists()


def tags(membership: Membership) -> Sequence[str]:
    """Return every tag in use, in the order of the alphabet."""
    each = Func(F("tags"), function="unnest")
    tagged = TunedModel.objects.visible_to(membership).exclude(tags=[])
    return sorted(set(tagged.annotate(tag=each).values_list("tag", flat=True).distinct()))


def model_detail(model: TunedModel) -> ModelDetail:
    """Gather the page of one model: where it came from, and what came of it."""
    same_job = [] if model.job is None else list(model.job.tuned_models.order_by("-step", "-pk"))
    continued = Job.objects.filter(
        workspace=model.workspace_id, connection=model.connection_id, base_model=model.name
    ).select_related("connection")
    results = [each for each in same_job if not each.is_checkpoint and each != model]
    return ModelDetail(
        model=model,
        cost=costs.training_cost(model.job),
        checkpoints=_checkpoints(model.job, same_job),
        continued=list(continued.order_by("-created_at", "-pk")[:CONTINUED_SHOWN]),
        result=results[0] if results and model.is_checkpoint else None,
        removal=model.removals.select_related("wished_by").first(),
    )


def idle_deployments(membership: Membership) -> Sequence[Deployment]:
    """Return deployments that cost by the hour and that nobody here has asked for a while."""
    idle = Deployment.objects.visible_to(membership).idle(timezone.now())
    return list(idle.select_related("tuned_model__connection").order_by("active_at"))


def announced(model: TunedModel) -> Announcement:
    """Return where its announced end was read: what the workspace entered goes before our data."""
    profile = profile_for(model.connection.profile)
    entered = Override.objects.filter(
        workspace=model.workspace_id, profile=profile.name, model="", name="last_answers_date"
    ).first()
    if entered:
        return Announcement(entered.as_of, entered.source)
    return announcement(model.base_model, profile)


def _matching(models: TunedModelQuerySet, filters: Filters) -> TunedModelQuerySet:
    models = _kept(models, filters.shown)
    if filters.connection:
        models = models.filter(connection__public_id=filters.connection)
    if filters.tag:
        models = models.filter(tags__contains=[filters.tag])
    if filters.search:
        words = filters.search
        models = models.filter(
            Q(title__icontains=words)
            | Q(name__icontains=words)
            | Q(base_model__icontains=words)
            | Q(notes__icontains=words)
            | Q(tags__contains=[words])
            | Q(job__training_data__dataset__name__icontains=words)
        )
    return models


def _kept(models: TunedModelQuerySet, shown: str) -> TunedModelQuerySet:
    if shown == Shown.DELETED:
        return models.filter(deleted_at__isnull=False)
    if shown == Shown.ALL:
        return models.kept()
    return models.kept().filter(is_checkpoint=shown == Shown.CHECKPOINTS)


def _ordered(models: TunedModelQuerySet, order: str) -> TunedModelQuerySet:
    if order == Order.SOONEST_END:
        return models.order_by(F("ends_on").asc(nulls_last=True), "-pk")
    if order == Order.NAME:
        return models.order_by("title", "name", "-pk")
    return models.order_by("-made_at", "-pk")


def _checkpoints(job: Job | None, models: Sequence[TunedModel]) -> Sequence[CheckpointRow]:
    """Return the saved states of a job, newest first, and which one has the lowest loss."""
    if job is None:
        return []
    saved = list(job.checkpoints.order_by("-step", "-pk"))
    measured = [each for each in saved if each.valid_loss is not None]
    best = min(measured, key=lambda each: (each.valid_loss, each.step), default=None)
    rows = {each.checkpoint_id: each for each in models}
    by_name = {each.name: each for each in models}
    return [
        CheckpointRow(each, rows.get(each.pk) or by_name.get(each.model), each == best)
        for each in saved
    ]
