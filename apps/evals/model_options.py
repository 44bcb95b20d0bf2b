"""Which models a run can ask: what each connection is known to offer, without asking anybody."""

from collections.abc import Iterator
from dataclasses import dataclass

from apps.accounts.models import Membership
from apps.evals.services import ModelChoice
from apps.library import serving
from apps.library.models import TunedModel
from apps.providers import services as provider_services
from apps.providers.models import Connection
from apps.providers.profiles import profile_for

MOST_TUNED = 100  # of one connection


@dataclass(frozen=True, slots=True)
class Option:
    """One model in the form."""

    value: str
    choice: ModelChoice

    @property
    def label(self) -> str:
        names = dict.fromkeys((self.choice.label, self.choice.model, self.choice.connection.name))
        return " · ".join(names)


def options(membership: Membership) -> list[Option]:
    """Return the base models and the tuned ones of every connection, each once."""
    connections = Connection.objects.visible_to(membership).order_by("created_at", "pk")
    return [
        Option(f"{connection.public_id} {model}", ModelChoice(connection, model, label))
        for connection in connections
        for model, label in dict(_models(connection)).items()
    ]


def _models(connection: Connection) -> Iterator[tuple[str, str]]:
    known = provider_services.known_models(connection)
    tuned = dict(_tuned(connection))
    for model in known:
        if model.id not in tuned:
            yield model.id, model.id
    yield from tuned.items()


def _tuned(connection: Connection) -> Iterator[tuple[str, str]]:
    """Return tuned models that answer: those that are deployed where that is needed."""
    deployed = serving.deployed_names(connection)
    yield from deployed.items()
    if profile_for(connection.profile).capabilities.deployment == "required":
        return
    kept = TunedModel.objects.filter(connection=connection).results().kept()
    newest = kept.order_by("-made_at", "-pk")[:MOST_TUNED]
    for name, title in newest.values_list("name", "title"):
        yield name, title or name
