"""People judge answers one after the other, without knowing whose they are.

A vote is no edit: whoever may look may vote. The order is each person's own, and stays.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import CharField, Count, Exists, F, OuterRef, Q, TextField, Value
from django.db.models.functions import MD5, Cast, Concat
from django.utils.translation import gettext_noop as _

from apps.accounts.models import User
from apps.core.sentences import Sentence
from apps.evals.graders import Grade, Kind
from apps.evals.models import Answer, HumanVote, Run, Score
from apps.evals.verdicts import rejudging

if TYPE_CHECKING:
    from django.db.models import QuerySet

CHECKED = 30  # answers of a judge that people look at
JUDGED = _("%(right)s of %(count)s people say that it is right.")


@dataclass(frozen=True, slots=True)
class Desk:
    """What is judged: by people for its own sake, or to see whether a judge says the same."""

    run: Run
    place: int  # of the grader in the suite
    user: User

    @property
    def grader(self) -> dict[str, Any]:
        return dict(self.run.suite.graders[self.place])

    @property
    def is_check(self) -> bool:
        """True where a judge has spoken already, and people are compared with it."""
        return bool(self.grader["kind"] == Kind.JUDGE)

    @property
    def rule(self) -> str:
        """Return what an answer is judged by, in the words of who made the suite."""
        return str(self.grader.get("rubric" if self.is_check else "instructions") or "")

    @property
    def answers(self) -> "QuerySet[Answer]":
        """Return what is to be judged, in this person's order."""
        done = Answer.objects.filter(run=self.run, status=Answer.Status.DONE)
        if self.is_check:
            done = done.filter(pk__in=_sampled(self.run, self.place))
        return done.annotate(turn=_turn(self._secret)).order_by("turn", "pk")

    @property
    def waiting(self) -> "QuerySet[Answer]":
        """Return what this person has yet to judge."""
        return self.answers.exclude(Exists(self._votes.filter(answer=OuterRef("pk"))))

    def next(self, after: int | None) -> Answer | None:
        """Return the next answer: behind the one that was skipped, then from the start again."""
        waiting = self.waiting.select_related("case")
        if after is None:
            return waiting.first()
        turn = hashlib.md5(f"{self._secret}{after}".encode(), usedforsecurity=False).hexdigest()
        behind: Any = waiting  # its turn is annotated: its type does not tell
        return behind.filter(turn__gt=turn).first() or waiting.first()

    def last_vote(self) -> HumanVote | None:
        """Return what this person said last."""
        return self._votes.order_by("-created_at", "-pk").first()

    @property
    def _votes(self) -> "QuerySet[HumanVote]":
        return HumanVote.objects.filter(answer__run=self.run, grader=self.place, user=self.user)

    @property
    def _secret(self) -> str:
        return f"{self.run.public_id} {self.user.pk} "


def places(run: Run) -> list[int]:
    """Return the graders of a run on which people have a word; judges once the run has ended."""
    kinds = {Kind.HUMAN, Kind.JUDGE} if run.ended_at else {Kind.HUMAN}
    return [place for place, each in enumerate(run.suite.graders) if each["kind"] in kinds]


@transaction.atomic
def vote(desk: Desk, answer: Answer, *, passed: bool) -> None:
    """Keep a person's word. The same words to the same question count as judged, too."""
    alike = _alike(desk, answer)
    _lock(desk, alike)
    mine = {"grader": desk.place, "user": desk.user}
    HumanVote.objects.filter(answer__in=alike, **mine).delete()
    HumanVote.objects.bulk_create(HumanVote(answer_id=pk, passed=passed, **mine) for pk in alike)
    _settle(desk, alike)


@transaction.atomic
def take_back(desk: Desk) -> int | None:
    """Forget this person's last vote; return the answer, so that it is shown again."""
    last = desk.last_vote()
    if last is None:
        return None
    alike = _alike(desk, last.answer)
    _lock(desk, alike)
    mine = HumanVote.objects.filter(answer__in=alike, grader=desk.place, user=desk.user)
    mine.delete()
    _settle(desk, alike)
    return last.answer_id


def _alike(desk: Desk, answer: Answer) -> Sequence[int]:
    """Return the answers with the same words; for a check each row of the sample is its own."""
    if desk.is_check:
        return [answer.pk]
    same = Answer.objects.filter(run=desk.run, case=answer.case_id, text=answer.text)
    return list(same.filter(status=Answer.Status.DONE).values_list("pk", flat=True))


def _lock(desk: Desk, answers: Sequence[int]) -> None:
    """Let nobody else count votes on these answers at the same time."""
    scores = Score.objects.filter(answer__in=answers, grader=desk.place).order_by("pk")
    list(scores.select_for_update().values_list("pk"))


def _settle(desk: Desk, answers: Sequence[int]) -> None:
    """Let the majority decide, and compare the models again in a while."""
    if not desk.is_check:
        votes = HumanVote.objects.filter(answer__in=answers, grader=desk.place)
        counted = votes.values("answer").annotate(
            right=Count("pk", filter=Q(passed=True)), count=Count("pk")
        )
        told: dict[int, Mapping[str, Any]] = {row["answer"]: row for row in counted}
        for score in Score.objects.filter(answer__in=answers, grader=desk.place):
            Score.objects.filter(pk=score.pk).update(**_columns(told.get(score.answer_id)))
    rejudging.soon(desk.run.pk)


def _columns(votes: Mapping[str, Any] | None) -> dict[str, Any]:
    if votes is None:
        return {"score": None, "passed": None, "why": Grade.none("asked_elsewhere").why}
    right, count = votes["right"], votes["count"]
    passed = None if 2 * right == count else 2 * right > count
    return {
        "score": right / count,
        "passed": passed,
        "why": Sentence(JUDGED, right=right, count=count),
    }


def _sampled(run: Run, place: int) -> list[int]:
    """Return the judged answers that people look at: taken at random, the same for everybody."""
    judged = Answer.objects.filter(run=run, scores__grader=place, scores__passed__isnull=False)
    ordered = judged.annotate(turn=_turn(f"{run.public_id} {place} ")).order_by("turn")
    return list(ordered.values_list("pk", flat=True)[:CHECKED])


def _turn(secret: str) -> MD5:
    number = Cast(F("pk"), CharField())
    return MD5(Concat(Value(secret), number, output_field=TextField()))
