"""Rows of a run with every model's answers, side by side or word by word."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import Prefetch

from apps.datasets.diffs import words
from apps.datasets.diffs.words import Piece
from apps.evals.models import Answer, Candidate, Case, Run, Score

MOST_SAMPLES = 3  # of one model in a list; the page of a row has them all
LONGEST_IN_LIST, LONGEST = 600, 3_000  # characters of a text


@dataclass(frozen=True, slots=True)
class AnswerShown:
    """One answer, cut for the page, and what is new in it against another text."""

    answer: Answer
    pieces: Sequence[Piece]
    is_cut: bool
    scores: Sequence[Score]


@dataclass(frozen=True, slots=True)
class ModelShown:
    """The answers of one model to a row."""

    candidate: Candidate
    answers: Sequence[AnswerShown]
    more: int  # that a list leaves out


@dataclass(frozen=True, slots=True)
class RowShown:
    """One row with every model's answers."""

    case: Case
    models: Sequence[ModelShown]

    @property
    def asked_query(self) -> str:
        """Return the models that can be asked again, as a part of an address."""
        candidates = [shown.candidate for shown in self.models]
        asked = [
            urlencode({"connection": each.connection.public_id, "model": each.model})
            for each in candidates
            if each.connection
        ]
        return "".join(f"&{pair}" for pair in asked)


def rows(
    run: Run, shown: Sequence[Case], candidates: Sequence[Candidate], *, view: str, is_list: bool
) -> list[RowShown]:
    """Return these rows with every model's answers and scores; two queries."""
    scores = Prefetch("scores", Score.objects.select_related("overridden_by"))
    told = Answer.objects.filter(run=run, case__in=shown).prefetch_related(scores)
    if is_list:
        told = told.filter(sample__lt=MOST_SAMPLES)
    found: dict[tuple[int, int], list[Answer]] = {}
    for answer in told.defer("logprobs").order_by("sample"):
        found.setdefault((answer.case_id, answer.candidate_id), []).append(answer)
    longest = LONGEST_IN_LIST if is_list else LONGEST
    more = max(0, run.samples - MOST_SAMPLES) if is_list else 0
    return [
        RowShown(
            case,
            [
                ModelShown(candidate, _answers(answers, against, longest), more)
                for candidate in candidates
                for answers in [found.get((case.pk, candidate.pk), [])]
                for against in [_against(case, candidate, candidates, found, view)]
            ],
        )
        for case in shown
    ]


def _against(
    case: Case,
    candidate: Candidate,
    candidates: Sequence[Candidate],
    found: dict[tuple[int, int], list[Answer]],
    view: str,
) -> str | None:
    """Return the text that a model's words are compared with; None where they are not."""
    if view == "expected":
        return case.expected
    first = found.get((case.pk, candidates[0].pk), [])
    return first[0].text if view == "first" and first and candidate.position else None


def _answers(answers: Sequence[Answer], against: str | None, longest: int) -> list[AnswerShown]:
    return [
        AnswerShown(
            answer=answer,
            pieces=_pieces(answer.text[:longest], against, longest),
            is_cut=len(answer.text) > longest,
            scores=list(answer.scores.all()),
        )
        for answer in answers
    ]


def _pieces(text: str, against: str | None, longest: int) -> Sequence[Piece]:
    if against is None:
        return [Piece(text)]
    return words.compare(against[:longest], text).after
