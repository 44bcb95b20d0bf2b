"""What a turn asks: a question, a judge's word on an answer, or vectors of some texts."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from apps.core.storable import storable
from apps.evals.asking import grading, replies, vectors
from apps.evals.asking.requests import Request
from apps.evals.asking.writing import News
from apps.evals.graders import embedding, judge, reasons
from apps.evals.graders.types import Grade
from apps.evals.models import Answer, Score
from apps.providers.types import Provider

UNREAD = {reasons.WORDS[code] for code in ("judge_unreadable", "vectors_unreadable")}
LONGEST_VERDICT = 20_000  # characters of a judge's reply

Group = tuple[str, int]  # what fails together: a model of the run, or a grader
Row = Answer | Score


@dataclass(frozen=True, slots=True)
class Tokens:
    """What something has cost in tokens, and which model was asked."""

    group: Group
    prompt: int
    completion: int


Tell = Callable[[News | Tokens], None]


class Item(Protocol):
    """Something to ask. Rows that share a key share an answer: one of them is asked."""

    @property
    def group(self) -> Group: ...
    @property
    def rows(self) -> Sequence[Row]: ...
    @property
    def calls(self) -> int: ...
    async def ask(self, provider: Provider, tell: Tell) -> None:
        """Ask, and tell what came. Raises ProviderError or ProviderUnavailable."""
        ...

    def apart(self) -> Sequence["Item"]:
        """Return an item for each row."""
        ...


@dataclass(frozen=True, slots=True)
class Question:
    """A question to a model of the run."""

    row: Answer
    request: Request
    calls: int = 1

    @property
    def group(self) -> Group:
        return "answer", self.row.candidate_id

    @property
    def rows(self) -> Sequence[Row]:
        return [self.row]

    def apart(self) -> Sequence[Item]:
        return [self]

    async def ask(self, provider: Provider, tell: Tell) -> None:
        reply = await replies.ask(provider, self.request)
        tell(Tokens(self.group, *reply.tokens))
        tell(News(self.row, reply.columns()))


@dataclass(frozen=True, slots=True)
class Verdict:
    """A judge's word on an answer: one conversation for each order, those that are left."""

    row: Score
    grader: Mapping[str, Any]
    requests: Sequence[Request]

    @property
    def group(self) -> Group:
        return "score", self.row.grader

    @property
    def rows(self) -> Sequence[Row]:
        return [self.row]

    @property
    def calls(self) -> int:
        return len(self.requests) - len(self._replies)

    def apart(self) -> Sequence[Item]:
        return [self]

    @property
    def _replies(self) -> list[str]:
        return list(self.row.detail.get("replies", []))

    async def ask(self, provider: Provider, tell: Tell) -> None:
        while self.calls > 0:
            request = self.requests[len(self._replies)]
            reply = await replies.ask(provider, request, longest=LONGEST_VERDICT)
            tell(Tokens(self.group, *reply.tokens))
            tell(News(self.row, self._columns(reply)))

    def _columns(self, reply: replies.Reply) -> dict[str, Any]:
        """Return what is new: the last reply brings the grade with it."""
        prompt, completion = reply.tokens
        replies = [*self._replies, storable(reply.text[:LONGEST_VERDICT])]
        kept: dict[str, Any] = {
            "detail": {**self.row.detail, "replies": replies},
            "prompt_tokens": (self.row.prompt_tokens or 0) + prompt,
            "completion_tokens": (self.row.completion_tokens or 0) + completion,
        }
        self.row.detail = kept["detail"]
        self.row.prompt_tokens = kept["prompt_tokens"]
        self.row.completion_tokens = kept["completion_tokens"]
        return kept if self.calls else kept | _settled(judge.read(self.grader, replies))


@dataclass(frozen=True, slots=True)
class Meanings:
    """Vectors of what was expected and what was answered, for many answers at once."""

    scores: Sequence[Score]
    grader: Mapping[str, Any]
    place: int
    asked_as: str
    connection_id: int
    calls: int = 1

    @property
    def group(self) -> Group:
        return "score", self.place

    @property
    def rows(self) -> Sequence[Row]:
        return self.scores

    async def ask(self, provider: Provider, tell: Tell) -> None:
        texts = [self._texts(score) for score in self.scores]
        asker = vectors.Asker(provider, self.connection_id, self.asked_as)
        expected, answers = zip(*texts, strict=True)
        told = await asker.vectors_of(expected=expected, answers=answers)
        tell(Tokens(self.group, told.prompt_tokens, 0))
        share = told.prompt_tokens // len(self.scores)
        for score, both in zip(self.scores, texts, strict=True):
            grade = embedding.read(self.grader, [told.by_text[text] for text in both])
            tell(News(score, {**_settled(grade), "prompt_tokens": share}))

    def apart(self) -> Sequence[Item]:
        return [replace(self, scores=[score]) for score in self.scores]

    def _texts(self, score: Score) -> list[str]:
        answer = score.answer
        return embedding.texts(expected=answer.case.expected, answer=answer.text)


def _settled(grade: Grade) -> dict[str, Any]:
    """Return the columns of a score; what could not be read has failed, and can be asked again."""
    is_unread = getattr(grade.why, "template", "") in UNREAD
    status = Score.Status.FAILED if is_unread else Score.Status.DONE
    return {**grading.told(grade), "status": status}
