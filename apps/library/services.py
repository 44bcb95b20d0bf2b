"""What a person can do with models. Wishes are written here; workers carry them out."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from asgiref.sync import async_to_sync
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.accounts.models import Membership
from apps.core import queue
from apps.core.leases import free
from apps.library import tasks
from apps.library.inventory import reading
from apps.library.models import Deployment, PriceToldBy, Removal, TunedModel, name_for
from apps.providers.models import Connection
from apps.providers.profiles import profile_for
from apps.providers.profiles.deployments import DeploymentFacts, deployment_facts
from apps.providers.types import DeploymentStatus

USE_NOTED_EVERY = timedelta(minutes=1)


class NotDeployable(Exception):
    """This model cannot be deployed, with words for people."""


def note(*, model: TunedModel, title: str, tags: Sequence[str], notes: str) -> None:
    """Keep what people call a model and what they wrote about it."""
    TunedModel.objects.filter(pk=model.pk).update(
        title=title, tags=list(tags), notes=notes, updated_at=timezone.now()
    )


def look_elsewhere(*, connection: Connection) -> int:
    """Add the tuned models that the provider lists and no job here made; return how many.

    Raises ProviderError or ProviderUnavailable with the provider's words.
    """
    models = async_to_sync(reading.listed)(connection)
    reading.keep_dates(connection, models)
    return reading.keep_found(connection, models)


def why_not_deployable(model: TunedModel) -> str:
    """Return why this model cannot be deployed from here, in words; "" when it can."""
    profile = profile_for(model.connection.profile)
    if model.deleted_at:
        return _("It was deleted at the provider.")
    return profile.why_not("deployment") or profile.why_not("deploys")


def deploy(
    *,
    membership: Membership,
    model: TunedModel,
    public_id: UUID,
    options: Mapping[str, Any] | None = None,
    hourly_usd: Decimal | None = None,
) -> Deployment:
    """Save the wish to have a model served, then let a worker carry it out.

    `public_id` was drawn when the form was shown: sending it twice, or twice at once, is one
    deployment. A model that is deployed already stays as it is.
    """
    if why_not := why_not_deployable(model):
        raise NotDeployable(why_not)
    chosen = dict(options or {})
    deployment = Deployment(
        public_id=public_id,
        workspace=membership.workspace,
        created_by=membership.user,
        tuned_model=model,
        name=name_for(str(model), public_id),
        options=chosen,
        **_price(deployment_facts(model.connection.profile), chosen, hourly_usd),
    )
    return _saved_once(deployment)


def _price(
    facts: DeploymentFacts | None, chosen: Mapping[str, Any], entered: Decimal | None
) -> dict[str, Any]:
    """Return what is known of the costs before the provider says anything."""
    if facts is None:
        return {}
    if facts.costs_nothing(chosen):
        return {"hourly_usd": Decimal(0), "price_told_by": PriceToldBy.LIST}
    if not facts.bills_by_hour(chosen):
        return {}
    told_by = "" if entered is None else PriceToldBy.PERSON
    return {"bills_by_hour": True, "hourly_usd": entered, "price_told_by": told_by}


def _saved_once(deployment: Deployment) -> Deployment:
    try:
        with transaction.atomic():
            deployment.save(force_insert=True)
    except IntegrityError:
        same = Deployment.objects.filter(tuned_model=deployment.tuned_model)
        first = same.filter(public_id=deployment.public_id).first() or same.live().first()
        if first is None:
            raise NotDeployable(_("This form was used before. Load the page again.")) from None
        return first
    queue.send(tasks.advance_deployment, deployment_id=deployment.pk)
    return deployment


def stop_deployment(*, deployment: Deployment) -> None:
    """Write the wish to stop. What was never asked for ends at once."""
    now = timezone.now()
    nobody_at_it = free("step_lease_until", now)
    mine = Deployment.objects.live().filter(pk=deployment.pk, stop_wished_at=None)
    over: dict[str, Any] = {"status": DeploymentStatus.STOPPED, "ended_at": now, "trouble": ""}
    wish: dict[str, Any] = {"stop_wished_at": now, "updated_at": now}
    if mine.filter(nobody_at_it, asked_at=None).update(**wish, **over):
        return
    if mine.update(**wish, stop_sent_at=None, stop_refusal="", next_step_at=now):
        queue.send(tasks.advance_deployment, deployment_id=deployment.pk)


def note_use(*, connection: Connection | None, model: str) -> None:
    """Remember that somebody chats with a deployment. Written once a minute at most."""
    now = timezone.now()
    stale = Q(last_used_at=None) | Q(last_used_at__lte=now - USE_NOTED_EVERY)
    asked = Deployment.objects.live().filter(stale, model=model)
    asked.filter(tuned_model__connection=connection).update(last_used_at=now)


def remove(
    *,
    membership: Membership,
    connection: Connection,
    kind: Removal.Kind,
    name: str,
    model: TunedModel | None = None,
) -> Removal:
    """Write the wish to delete a thing at its provider; a refused one is tried once more."""
    now = timezone.now()
    removal, is_new = Removal.objects.get_or_create(
        connection=connection,
        kind=kind,
        name=name,
        defaults={
            "workspace": membership.workspace,
            "wished_by": membership.user,
            "tuned_model": model,
        },
    )
    again = Removal.objects.filter(pk=removal.pk, refused_at__isnull=False).update(
        refused_at=None, refusal="", attempts=0, next_step_at=now, wished_by=membership.user
    )
    if is_new or again:
        queue.send(tasks.advance_removal, removal_id=removal.pk)
    return removal
