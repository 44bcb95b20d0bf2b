"""What the form for a new job begins with: what its link asks for, and what probably fits."""

import re
from dataclasses import dataclass
from uuid import UUID

from django.http import QueryDict

from apps.accounts.models import Membership
from apps.datasets.models import Version, VersionQuerySet
from apps.jobs.forms.grader_input import typed_in
from apps.jobs.forms.pairs import PairsInput
from apps.providers.models import Connection

TRAINING = re.compile(r"(?<![a-z])train(ing)?(?![a-z])", re.IGNORECASE)
VALIDATION_WORDS = ("validation", "valid", "val")


@dataclass(frozen=True, slots=True)
class Guess:
    """What probably validates a dataset, and how that is known."""

    version: Version
    is_other_part: bool = False  # of the same split; else only its name says so


@dataclass(frozen=True, slots=True)
class Presets:
    """What is chosen before a person chooses."""

    connection: Connection | None
    training_data: Version | None
    guessed: Guess | None

    @property
    def initial(self) -> dict[str, object]:
        """The same as the form wants it."""
        return {
            "connection": self.connection,
            "training_data": self.training_data,
            "validation_data": self.guessed.version if self.guessed else None,
        }


def presets(membership: Membership, query: QueryDict) -> Presets:
    """Return the oldest connection, the dataset that the link names, and its validation file."""
    dataset_id = _uuid(query.get("training_data", ""))
    training_data = _ready(membership).filter(public_id=dataset_id).first() if dataset_id else None
    connections = Connection.objects.visible_to(membership).order_by("created_at", "pk")
    return Presets(
        connection=connections.first(),
        training_data=training_data,
        guessed=guessed_validation(membership, training_data) if training_data else None,
    )


def as_typed(data: QueryDict) -> dict[str, object]:
    """Return a form's values to begin it with anew: other rows ask for another method."""
    typed: dict[str, object] = {name: data[name] for name in data}
    typed["graders"] = typed_in(data)
    typed["metadata"] = PairsInput().value_from_datadict(data, None, "metadata")
    if data.get("training_data") != data.get("fitted_to"):
        typed.pop("method", None)
    return typed


def guessed_validation(membership: Membership, training_data: Version) -> Guess | None:
    """Return the other part of the split; else what the name says that it validates this one."""
    ready = _ready(membership)
    if other := training_data.dataset.validated_by_id:
        newest = ready.filter(dataset=other).order_by("-number").first()
        return Guess(newest, is_other_part=True) if newest else None
    if not TRAINING.search(training_data.name):
        return None
    names = [TRAINING.sub(word, training_data.name) for word in VALIDATION_WORDS]
    named = ready.filter(dataset__name__in=names).order_by("-created_at", "-pk").first()
    return Guess(named) if named else None


def _ready(membership: Membership) -> VersionQuerySet:
    return Version.objects.visible_to(membership).ready().defer("statistics")


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
