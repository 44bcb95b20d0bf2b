"""From a bad answer to better data: where the right answer goes, and what to know before."""

from collections.abc import Sequence
from dataclasses import dataclass

from apps.accounts.models import Membership
from apps.datasets.editing import corrections
from apps.datasets.editing.corrections import Found
from apps.datasets.models import Dataset, Edit, Version
from apps.datasets.rows.questions import Message
from apps.playground.data.subjects import Subject


@dataclass(frozen=True, slots=True)
class Place:
    """The version that a right answer would be written after, and what stands there now."""

    version: Version
    found: Found
    why_not: str = ""  # why no answer can be written there; "" when it can
    leaks: Version | None = None  # measured with this question, so that training on it tells
    own_prompt: str = ""  # the system prompt of the dataset, where it is another one


def place_in(dataset: Dataset, subject: Subject, membership: Membership) -> Place | None:
    """Look at a dataset for what would become of a right answer; None when it has no version."""
    version = corrections.target(dataset)
    if version is None:
        return None
    if words := corrections.why_not(version):
        return Place(version, Found(), words)
    found = corrections.find(version, membership, subject.messages)
    return Place(version, found, "", _leaks(version, subject), _own_prompt(version, subject))


def keep(
    *,
    place: Place,
    subject: Subject,
    membership: Membership,
    answer: str,
    replaces: bool,
    with_own_prompt: bool,
) -> Edit:
    """Keep the right answer with the person's other changes to that version."""
    return corrections.keep(
        version=place.version,
        membership=membership,
        messages=_messages(place, subject) if with_own_prompt else subject.messages,
        answer=answer,
        refused=subject.text,
        tools=subject.tools,
        replacing=place.found if replaces and place.found.is_there else None,
    )


def default_dataset(subject: Subject) -> Dataset | None:
    """Return the dataset that the model has learned from."""
    return subject.learned_from[0].dataset if subject.learned_from else None


def _leaks(version: Version, subject: Subject) -> Version | None:
    asked_of = subject.asked_of
    return asked_of if asked_of and asked_of.dataset_id != version.dataset_id else None


def _own_prompt(version: Version, subject: Subject) -> str:
    if version.format == Version.Format.PROMPT_COMPLETION:
        return ""
    is_other = version.system_prompt.strip() != subject.system_prompt.strip()
    return version.system_prompt if is_other else ""


def _messages(place: Place, subject: Subject) -> Sequence[Message]:
    if not place.own_prompt:
        return subject.messages
    rest = subject.messages[1 if subject.system_prompt else 0 :]
    return [{"role": "system", "content": place.own_prompt}, *rest]
