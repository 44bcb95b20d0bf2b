"""What serves a model, and by which word it is asked. Reads only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils import timezone

from apps.library.models import Deployment, TunedModel
from apps.providers.models import Connection
from apps.providers.profiles import Profile, profile_for
from apps.providers.types import DeploymentStatus

SHOWN = 10

# The base of what `model_behind` returns, within a statement: somebody waits for the first word.
BASE_BEHIND = """
    (SELECT tuned.base_model FROM library_tunedmodel AS tuned
    LEFT JOIN library_deployment AS deployment
        ON deployment.tuned_model_id = tuned.id AND deployment.model = {model}
    WHERE tuned.connection_id = {connection} AND {model} IN (tuned.name, deployment.model)
    ORDER BY deployment.id DESC NULLS LAST LIMIT 1)
"""


@dataclass(frozen=True, slots=True)
class Served:
    """What serves a model now, and what has served it."""

    profile: Profile
    live: Deployment | None
    ended: Sequence[Deployment]
    why_not: str  # why it cannot be deployed from here; "" when it can

    @property
    def is_needed(self) -> bool:
        """The model answers only while it is deployed."""
        return self.profile.capabilities.deployment == "required"

    @property
    def can_continue(self) -> bool:
        """Another job can start from the model."""
        return self.profile.capabilities.continue_from_tuned

    @property
    def concerns(self) -> bool:
        """There is anything to say about deployments at all."""
        return self.profile.capabilities.deployment != "none" or bool(self.live or self.ended)

    @property
    def version(self) -> str:
        """A token that changes when anything shown does; the costs are shown by the minute."""
        every = [self.live] if self.live else []
        changed = [each.updated_at.timestamp() for each in [*every, *self.ended[:1]]]
        return f"{changed}.{timezone.now():%H%M}" if self.live else f"{changed}"

    @property
    def seconds_until_news(self) -> int:
        """How often the page asks again: while it changes, soon."""
        is_calm = self.live is not None and self.live.status == DeploymentStatus.ACTIVE
        return 30 if is_calm and self.live and not self.live.is_stopping else 3


def served(model: TunedModel) -> Served:
    """Return what serves this model, and its newest deployments that have ended."""
    every = list(model.deployments.select_related("created_by").order_by("-pk")[: SHOWN + 1])
    profile = profile_for(model.connection.profile)
    return Served(
        profile=profile,
        live=next((each for each in every if each.is_live), None),
        ended=[each for each in every if not each.is_live],
        why_not=profile.why_not("deployment") or profile.why_not("deploys"),
    )


def deployed_names(connection: Connection) -> Mapping[str, str]:
    """Return the words by which deployed models of a connection are asked, and their titles."""
    answering = Deployment.objects.answering().filter(tuned_model__connection=connection)
    rows = answering.select_related("tuned_model").order_by("-active_at", "-pk")
    return {each.model: str(each.tuned_model) for each in rows}


def chat_name(connection: Connection, name: str) -> str:
    """Return the word to ask a model by: its deployment's while there is one, else its own."""
    same = Deployment.objects.answering().filter(
        tuned_model__connection=connection, tuned_model__name=name
    )
    return same.values_list("model", flat=True).first() or name


def model_behind(connection: Connection, asked: str) -> TunedModel | None:
    """Return the tuned model that answers to this word, deployed or by itself."""
    mine = TunedModel.objects.filter(connection=connection).select_related("connection")
    deployed = mine.filter(deployments__model=asked).order_by("-deployments__pk").first()
    return deployed or mine.filter(name=asked).first()
