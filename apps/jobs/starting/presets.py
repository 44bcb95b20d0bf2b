"""What the form for a new job begins with: what its link asks for, and what probably fits."""

import re
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Model, QuerySet
from django.http import Http404, QueryDict

from apps.accounts.models import Membership
from apps.datasets.models import Version, VersionQuerySet
from apps.jobs.forms.grader_input import typed_in
from apps.jobs.forms.pairs import PairsInput
from apps.jobs.models import Job
from apps.jobs.starting import cloning
from apps.jobs.starting.cloning import Clone
from apps.providers.models import Connection

TRAINING = re.compile(r"(?<![a-z])train(ing)?(?![a-z])", re.IGNORECASE)
VALIDATION_WORDS = ("validation", "valid", "val")
M = TypeVar("M", bound=Model)


@dataclass(frozen=True, slots=True)
class Guess:
    """What probably validates a dataset, and how that is known."""

    version: Version
    is_other_part: bool = False  # of the same split; else only its name says so


@dataclass(frozen=True, slots=True)
class Presets:
    """What is chosen before a person chooses."""

    initial: dict[str, Any]
    guessed: Guess | None = None
    clone: Clone | None = None


def presets(membership: Membership, query: QueryDict) -> Presets:
    """Return what the link to the form asks for; raises Http404 for a job that is not there.

    `clone` names a job, `connection` who should train, `base_model` what to start from,
    `training_data` the rows. The oldest connection is chosen where none is named, and the
    validation file that fits the rows.
    """
    connection = named(Connection.objects.visible_to(membership), query, "connection")
    if "clone" in query:
        jobs = Job.objects.visible_to(membership).with_details()
        if (job := named(jobs, query, "clone")) is None:
            raise Http404
        clone = cloning.clone_of(job, connection)
        return Presets(clone.initial, clone=clone)
    training_data = named(_ready(membership), query, "training_data")
    guessed = guessed_validation(membership, training_data) if training_data else None
    connections = Connection.objects.visible_to(membership).order_by("created_at", "pk")
    initial = {
        "connection": connection or connections.first(),
        "base_model": query.get("base_model", ""),
        "training_data": training_data,
        "validation_data": guessed.version if guessed else None,
    }
    return Presets(initial, guessed)


def as_typed(data: QueryDict) -> dict[str, Any]:
    """Return a form's values to begin it with anew: other rows ask for another method."""
    typed: dict[str, Any] = {name: data[name] for name in data}
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


def named(rows: QuerySet[M], query: QueryDict, name: str) -> M | None:
    """Return the row that the link names by its public id; None where it names none of these."""
    try:
        public_id = UUID(query.get(name, ""))
    except ValueError:
        return None
    return rows.filter(public_id=public_id).first()
