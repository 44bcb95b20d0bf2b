"""What is due at one connection: taken from the rows, without what is known already."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils import timezone

from apps.evals.asking import grading, judges, replies, requests, writing
from apps.evals.asking.items import Group, Item, Meanings, Question, Row, Verdict
from apps.evals.asking.requests import Request
from apps.evals.asking.writing import News
from apps.evals.graders import Kind
from apps.evals.models import Answer, Candidate, Run, Score
from apps.library.services import note_use
from apps.providers import pacing
from apps.providers.models import Connection
from apps.providers.types import ChatRequest

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from apps.evals.models.runs import AnswerQuerySet
    from apps.evals.models.scores import ScoreQuerySet

MOST_SCORES = 100
TEXTS_PER_CALL = 32  # answers in one call for vectors


@dataclass(slots=True)
class InHand:
    """What is asked at this moment."""

    answers: set[int] = field(default_factory=set)
    scores: set[int] = field(default_factory=set)
    keys: dict[str, int] = field(default_factory=dict)

    def add(self, row: Row) -> None:
        (self.answers if isinstance(row, Answer) else self.scores).add(row.pk)
        self.keys[row.content_key] = row.pk

    def remove(self, row: Row) -> None:
        (self.answers if isinstance(row, Answer) else self.scores).discard(row.pk)
        self.keys.pop(row.content_key, None)

    def copy(self) -> "InHand":
        return InHand(set(self.answers), set(self.scores), dict(self.keys))


@dataclass(frozen=True, slots=True)
class Page:
    """What is to ask now. `is_dry`: there is nothing more before something else is written."""

    scores: Sequence[Item] = ()
    answers: Sequence[Item] = ()
    copied: int = 0  # answers and scores that were known already
    is_dry: bool = True
    closed_until: datetime | None = None  # the connection may not be asked before


class Supply:
    """Everything that one connection has to answer in a run."""

    def __init__(self, run: Run, connection: Connection, candidates: Iterable[Candidate]) -> None:
        self.run = run
        self.connection = connection
        self.candidates = {each.pk: each for each in candidates}
        self.graders = judges.asked_at(connection, run)
        self._lines: dict[str, requests.Line] = {}

    @property
    def groups(self) -> list[Group]:
        """Return everything that is asked here."""
        answers: list[Group] = [("answer", pk) for pk in self.candidates]
        return answers + [("score", place) for place in self.graders]

    def page(self, in_hand: InHand, closed: Collection[Group], *, room: int) -> Page:
        """Return what is due, without what is in hand; copy what is known.

        There is `room` for answers; scores come first and do not count.
        """
        if until := self._quiet_until():
            return Page(closed_until=until)
        scores = list(self._scores_due(in_hand, closed)[:MOST_SCORES])
        answers = list(self._answers_due(in_hand, closed)[:room])
        asked = {answer.pk: self._request(answer) for answer in answers}
        known = {**_known_scores(self.run, scores), **_known_answers(self.run, answers, asked)}
        if known:
            writing.write([*known.values()])
        due: list[Row] = [*scores, *answers]
        left = list(_first_of_each((row for row in due if _id(row) not in known), in_hand))
        granted = self._granted([*self._score_items(left), *_questions(left, asked)])
        if granted is None:
            return Page(copied=len(known), closed_until=pacing.next_turn(timezone.now()))
        is_full = len(scores) == MOST_SCORES or len(answers) == room
        return Page(
            scores=[item for item in granted if item.group[0] == "score"],
            answers=[item for item in granted if item.group[0] == "answer"],
            copied=len(known),
            is_dry=not is_full or not (granted or known),
        )

    def next_due_at(self, closed: Collection[Group]) -> datetime | None:
        """Return when something here is due; None when nothing waits."""
        nothing = InHand()
        answers = self._answers(nothing, closed).order_by("next_try_at")
        scores = self._scores(nothing, closed).order_by("next_try_at")
        first = [rows.values_list("next_try_at", flat=True).first() for rows in (answers, scores)]
        return min(filter(None, first), default=None)

    def _quiet_until(self) -> datetime | None:
        """Return until when the provider asked for silence, or another run on its behalf."""
        mine = Connection.objects.filter(pk=self.connection.pk, quiet_until__gt=timezone.now())
        return mine.values_list("quiet_until", flat=True).first()

    def _answers_due(self, in_hand: InHand, closed: Collection[Group]) -> "QuerySet[Answer]":
        due = self._answers(in_hand, closed).due(timezone.now())
        return due.select_related("case").order_by("next_try_at")

    def _answers(self, in_hand: InHand, closed: Collection[Group]) -> "AnswerQuerySet":
        open_ones = [pk for pk in self.candidates if ("answer", pk) not in closed]
        mine = Answer.objects.filter(run=self.run, candidate__in=open_ones).waiting()
        return mine.exclude(pk__in=in_hand.answers)

    def _scores_due(self, in_hand: InHand, closed: Collection[Group]) -> "QuerySet[Score]":
        due = self._scores(in_hand, closed).due(timezone.now())
        return due.select_related("answer__case").order_by("next_try_at")

    def _scores(self, in_hand: InHand, closed: Collection[Group]) -> "ScoreQuerySet":
        open_ones = [place for place in self.graders if ("score", place) not in closed]
        mine = Score.objects.filter(answer__run=self.run, grader__in=open_ones).waiting()
        return mine.exclude(pk__in=in_hand.scores)

    def _request(self, answer: Answer) -> Request:
        answer.run, answer.candidate = self.run, self.candidates[answer.candidate_id]
        case = answer.case
        request = requests.request_of(
            self.run, case.messages, sample=answer.sample, tools=case.tools
        )
        return self._line(answer.candidate.model).fit(request)[0]

    def _line(self, model: str) -> requests.Line:
        if model not in self._lines:
            self._lines[model] = self._reached(model)
        return self._lines[model]

    def _reached(self, model: str) -> requests.Line:
        line = requests.line_to(self.connection, model, data=self.run.suite.data)
        note_use(connection=self.connection, model=line.asked_as)  # it is no idle deployment
        return line

    def _score_items(self, rows: Iterable[Row]) -> Iterator[Item]:
        near: defaultdict[int, list[Score]] = defaultdict(list)
        for row in rows:
            if isinstance(row, Score):
                if self.graders[row.grader]["kind"] == Kind.JUDGE:
                    yield self._verdict(row)
                else:
                    near[row.grader].append(row)
        for place, scores in near.items():
            for start in range(0, len(scores), TEXTS_PER_CALL):
                yield self._meanings(place, scores[start : start + TEXTS_PER_CALL])

    def _verdict(self, score: Score) -> Verdict:
        grader = self.graders[score.grader]
        line = self._line(grader["model"])
        talks = judges.conversations(grader, score.answer)
        asked = [ChatRequest(model="", messages=talk, temperature=0) for talk in talks]
        return Verdict(score, grader, [line.fit(request)[0] for request in asked])

    def _meanings(self, place: int, scores: Sequence[Score]) -> Meanings:
        grader = self.graders[place]
        asked_as = self._line(grader["model"]).asked_as
        return Meanings(scores, grader, place, asked_as, self.connection.pk)

    def _granted(self, items: Sequence[Item]) -> Sequence[Item] | None:
        """Return as many of the items as there are calls left in this minute; None without any."""
        wanted = sum(item.calls for item in items)
        left = pacing.take(self.connection, wanted, at=timezone.now())
        if left >= wanted:
            return items
        granted = []
        for item in items:
            if item.calls <= left:
                granted.append(item)
                left -= item.calls
        return granted or None


def _questions(rows: Iterable[Row], asked: Mapping[int, Request]) -> Iterator[Item]:
    for row in rows:
        if isinstance(row, Answer):
            yield Question(row, asked[row.pk])


def _first_of_each(rows: Iterable[Row], in_hand: InHand) -> Iterator[Row]:
    """Return rows whose key nobody asks for now; the others can copy the answer afterwards."""
    seen = set(in_hand.keys)
    for row in rows:
        if row.content_key not in seen:
            seen.add(row.content_key)
            yield row


def _known_answers(
    run: Run, answers: Sequence[Answer], asked: Mapping[int, Request]
) -> dict[tuple[type, int], News]:
    """Find the answers that these models gave to the same questions earlier in this workspace.

    Only where the same answer would come again: otherwise another one would be as true.
    """
    repeatable = [answer for answer in answers if requests.is_repeatable(asked[answer.pk])]
    keys = {answer.content_key for answer in repeatable}
    done = Answer.objects.filter(content_key__in=keys, status=Answer.Status.DONE)
    mine = done.filter(run__workspace=run.workspace_id).order_by("content_key", "-pk")
    known = {each.content_key: each for each in mine.distinct("content_key")} if keys else {}
    return {
        _id(answer): News(answer, replies.copied(known[answer.content_key]))
        for answer in repeatable
        if answer.content_key in known
    }


def _known_scores(run: Run, scores: Sequence[Score]) -> dict[tuple[type, int], News]:
    """Find what the same judge said of the same answer earlier in this workspace."""
    keys = {score.content_key for score in scores} - {""}
    done = Score.objects.filter(content_key__in=keys, status=Score.Status.DONE)
    mine = done.filter(answer__run__workspace=run.workspace_id).order_by("content_key", "-pk")
    known = {each.content_key: each for each in mine.distinct("content_key")} if keys else {}
    return {
        _id(score): News(score, grading.copied(known[score.content_key]))
        for score in scores
        if score.content_key in known
    }


def _id(row: Row) -> tuple[type, int]:
    return type(row), row.pk
