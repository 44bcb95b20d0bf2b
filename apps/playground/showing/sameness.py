"""Which models gave the same text, letter by letter: a sign that both names mean one model."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from django.db.models.functions import MD5, Length

from apps.playground.models import Conversation, Reply

LONG = 40  # characters: a word or a label may well be the same, a sentence hardly
MANY = 3  # prompts that were all answered the same

Model = tuple[int | None, str]  # where it was asked, and by which name


@dataclass(frozen=True, slots=True)
class Said:
    """One complete answer, without its text."""

    turn_id: int
    column_id: int
    sample: int
    model: Model
    digest: str
    length: int


@dataclass(frozen=True, slots=True)
class Same:
    """Two models that gave one text to a prompt, and to how many of all they have done so."""

    first: str
    second: str
    is_long: bool
    same: int
    of: int

    @property
    def is_suspicious(self) -> bool:
        """Whether chance hardly explains it."""
        return self.is_long or (self.same == self.of and self.of >= MANY)


def in_conversation(conversation: Conversation) -> dict[int, list[Same]]:
    """Return what was answered the same, by turn. One query, which reads no text."""
    replies = Reply.objects.filter(
        turn__conversation=conversation, status=Reply.Status.COMPLETE
    ).exclude(text="")
    told = replies.annotate(digest=MD5("text"), length=Length("text")).defer(
        "text", "reasoning", "logprobs"
    )
    return same_answers(map(_said, told.order_by("turn__position", "column__position", "sample")))


def _said(reply: Any) -> Said:
    model = (reply.connection_id, reply.model)
    return Said(reply.turn_id, reply.column_id, reply.sample, model, reply.digest, reply.length)


def same_answers(answers: Iterable[Said]) -> dict[int, list[Same]]:
    """Compare the first answers of different models to each prompt."""
    turns: dict[int, list[Said]] = defaultdict(list)
    for answer in answers:
        if answer.column_id not in {each.column_id for each in turns[answer.turn_id]}:
            turns[answer.turn_id].append(answer)
    counts = _counts(turns.values())
    return {
        turn: [
            Same(one.model[1], other.model[1], one.length >= LONG, *counts[one.model, other.model])
            for one, other in _pairs(said)
            if one.digest == other.digest
        ]
        for turn, said in turns.items()
    }


def _pairs(said: Iterable[Said]) -> Iterator[tuple[Said, Said]]:
    return ((one, other) for one, other in combinations(said, 2) if one.model != other.model)


def _counts(turns: Iterable[list[Said]]) -> Mapping[tuple[Model, Model], tuple[int, int]]:
    """Return of how many prompts two models answered how many the same."""
    counts: dict[tuple[Model, Model], tuple[int, int]] = defaultdict(lambda: (0, 0))
    for said in turns:
        for one, other in _pairs(said):
            same, of = counts[one.model, other.model]
            counts[one.model, other.model] = (same + (one.digest == other.digest), of + 1)
    return counts
