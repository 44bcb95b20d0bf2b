"""Which models a run can take: what each connection is known to offer, and what is recorded."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from asgiref.sync import async_to_sync
from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.accounts.models import Membership
from apps.evals.asking.starting import ModelChoice
from apps.evals.models import RecordedAnswer, Recording, Suite
from apps.evals.records.recordings import question_key
from apps.jobs.models import Job
from apps.library.asking.choices import model_groups
from apps.library.deployments import serving
from apps.library.models import TunedModel
from apps.providers import services as provider_services
from apps.providers.models import Connection

MOST_RECORDINGS = 100


@dataclass(frozen=True, slots=True)
class Option:
    """One model in the form."""

    value: str
    choice: ModelChoice
    note: str = ""

    @property
    def group(self) -> str:
        """Return under which heading it stands: its connection, or that it is a recording."""
        connection = self.choice.connection
        return connection.name if connection else _("Recorded answers")

    @property
    def label(self) -> str:
        names = (self.choice.label, self.choice.model, self.note)
        return " · ".join(dict.fromkeys(filter(None, names)))


def options(membership: Membership, suite: Suite) -> list[Option]:
    """Return the models of every connection, each once: base models first, checkpoints last.

    Recordings come last: those that answer some question of the suite.
    """
    models = [
        Option(_value(connection, model), ModelChoice(connection, model, label))
        for connection in _connections(membership)
        for model, label in dict(_models(connection)).items()
    ]
    return models + list(_recordings(membership, suite))


def are_fresh(membership: Membership) -> bool:
    """Say whether every connection was asked for its models a moment ago."""
    return provider_services.are_fresh(_connections(membership))


def refresh(membership: Membership) -> None:
    """Ask the connections for their models; whoever is away is offered with what it listed once."""
    async_to_sync(provider_services.refresh_models)(list(_connections(membership)))


def suggested(suite: Suite, options: Iterable[Option]) -> dict[str, Any]:
    """Return the models that the form begins with: those of the last run, else of the job.

    Where one of them cannot be chosen any more, what is chosen is compared with the first model
    there is: mostly a base.
    """
    values = [option.value for option in options]
    wanted = _asked_last(suite) or _of_job(suite)
    if not wanted or not set(values).issuperset(wanted):
        return {"baseline": values[0]} if values else {}
    first, *others = wanted
    return {"baseline": first, "others": others} if others else {"baseline": "", "others": [first]}


def suggested_for(model: TunedModel, options: Iterable[Option]) -> dict[str, Any]:
    """Return a tuned model beside its base, as far as both can be chosen."""
    values = {option.value for option in options}
    asked_as = serving.chat_name(model.connection, model.name)
    mine, base = (_value(model.connection, name) for name in (asked_as, model.base_model))
    found = {"baseline": base if base in values else "", "others": [mine]}
    return found if mine in values else {}


def grouped(options: Iterable[Option]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the options as the choices of a form field, under their headings."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for option in options:
        groups.setdefault(option.group, []).append((option.value, option.label))
    return list(groups.items())


def _connections(membership: Membership) -> "QuerySet[Connection]":
    return Connection.objects.visible_to(membership).order_by("created_at", "pk")


def listed_groups(connection: Connection) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the models of one connection as the choices of a field; asks it, at most for 5 s."""
    listed = [model.id for model in provider_services.listed_models(connection)]
    return [
        (group.name, [(model.id, model.label) for model in group.models])
        for group in model_groups(connection, listed)
    ]


def _asked_last(suite: Suite) -> list[str]:
    run = suite.runs.order_by("-created_at", "-pk").first()
    asked = run.candidates.select_related("connection", "recording") if run else ()
    return [_value(each.connection or each.recording, each.model) for each in asked]


def _of_job(suite: Suite) -> list[str]:
    """Return the base and the result of the newest job that was measured with these rows."""
    measured = Job.objects.filter(workspace=suite.workspace_id, validation_data=suite.data)
    made = measured.exclude(fine_tuned_model="").select_related("connection")
    job = made.order_by("-created_at", "-pk").first() if suite.data else None
    models = (job.base_model, job.fine_tuned_model) if job else ()
    return [_value(job.connection, model) for model in models if job]


def _value(asked: Connection | Recording | None, model: str) -> str:
    """Return what the form calls a model."""
    if isinstance(asked, Connection):
        return f"{asked.public_id} {model}"
    return f"recording {asked.public_id}" if asked else ""


def _recordings(membership: Membership, suite: Suite) -> Iterator[Option]:
    """Return the recordings that answer a question of the suite, and say how many they answer."""
    asked = Counter(question_key(messages) for messages in _questions(suite))
    mine = Recording.objects.visible_to(membership)
    held: Counter[int] = Counter()
    for times in set(asked.values()):  # once, unless rows repeat a question
        keys = [key for key, count in asked.items() if count == times]
        told = RecordedAnswer.objects.filter(recording__in=mine, question_key__in=keys, sample=0)
        for recording, count in told.values("recording").values_list("recording", Count("pk")):
            held[recording] += times * count
    newest = mine.filter(pk__in=held).order_by("-created_at", "-pk")
    for each in newest[:MOST_RECORDINGS]:
        choice = ModelChoice(None, each.model, each.name, recording=each)
        yield Option(_value(each, each.model), choice, _answers(held[each.pk], asked.total()))


def _questions(suite: Suite) -> Iterable[Sequence[Mapping[str, Any]]]:
    return suite.cases.values_list("messages", flat=True)


def _answers(held: int, asked: int) -> str:
    words = ngettext(
        "answers %(held)d of %(asked)d question", "answers %(held)d of %(asked)d questions", asked
    )
    return words % {"held": held, "asked": asked}


def _models(connection: Connection) -> Iterator[tuple[str, str]]:
    listed = [model.id for model in provider_services.known_models(connection)]
    for group in model_groups(connection, listed):
        for model in group.models:
            yield model.id, model.label
