"""Which models a run can take: what each connection is known to offer, and what is recorded."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from apps.accounts.models import Membership
from apps.evals.models import Recording
from apps.evals.starting import ModelChoice
from apps.library import serving
from apps.library.models import TunedModel
from apps.providers import services as provider_services
from apps.providers.models import Connection
from apps.providers.profiles import profile_for

MOST_TUNED = 100  # of one connection
MOST_RECORDINGS = 100


@dataclass(frozen=True, slots=True)
class Option:
    """One model in the form."""

    value: str
    choice: ModelChoice

    @property
    def group(self) -> str:
        """Return under which heading it stands: its connection, or that it is a recording."""
        connection = self.choice.connection
        return connection.name if connection else _("Recorded answers")

    @property
    def label(self) -> str:
        return " · ".join(dict.fromkeys(filter(None, (self.choice.label, self.choice.model))))


def options(membership: Membership) -> list[Option]:
    """Return the base models and the tuned ones of every connection, each once; recordings last."""
    connections = Connection.objects.visible_to(membership).order_by("created_at", "pk")
    models = [
        Option(f"{connection.public_id} {model}", ModelChoice(connection, model, label))
        for connection in connections
        for model, label in dict(_models(connection)).items()
    ]
    recordings = Recording.objects.visible_to(membership).order_by("-created_at", "-pk")
    return models + [_recorded(each) for each in recordings[:MOST_RECORDINGS]]


def grouped(options: Iterable[Option]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the options as the choices of a form field, under their headings."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for option in options:
        groups.setdefault(option.group, []).append((option.value, option.label))
    return list(groups.items())


def _recorded(recording: Recording) -> Option:
    choice = ModelChoice(None, recording.model, recording.name, recording=recording)
    return Option(f"recording {recording.public_id}", choice)


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
