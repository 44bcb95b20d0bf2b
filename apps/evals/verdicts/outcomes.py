"""What the answers of a run are worth: for each model and grader one value for each question.

A question that was asked several times counts with the mean of its answers, once: several answers
of one model to one question are no further questions.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from apps.evals import statistics
from apps.evals.models import Candidate, Case, Run, Score
from apps.evals.statistics.bootstrap import RESAMPLES

FEW_RESAMPLES = 1_999
Values = Mapping[int, float]  # by question
Sample = tuple[int, int, int, bool | None, bool | None, float | None]


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Everything that a verdict is made of."""

    run: Run
    candidates: Sequence[Candidate]
    cases: Sequence[Case]  # without their messages
    score_only: frozenset[int]  # graders that score, and say nothing of passing
    values: Mapping[tuple[int, int], Values]  # by grader and candidate

    @property
    def is_alone(self) -> bool:
        """Whether there is one model, and nothing to compare it with."""
        return len(self.candidates) == 1

    def column(
        self, grader: int, candidate: Candidate, cases: Iterable[Case] | None = None
    ) -> list[float | None]:
        """Return one value for each question, None where there is none."""
        known = self.values.get((grader, candidate.pk), {})
        return [known.get(case.pk) for case in (self.cases if cases is None else cases)]

    def compare(
        self,
        grader: int,
        candidate: Candidate,
        cases: Sequence[Case] | None = None,
        *,
        is_one_of_many: bool = False,
    ) -> statistics.Comparison:
        """Compare a model with the first one on these questions, or on all.

        One answer each that passes or fails: exact McNemar. Anything else: the differences of the
        questions' means. One of many is done in a fraction of the time: nobody reads how many rows
        each of forty slices would need.
        """
        first = self.column(grader, self.candidates[0], cases)
        other = self.column(grader, candidate, cases)
        plans = not is_one_of_many
        if grader not in self.score_only and self.run.samples == 1:
            return statistics.compare_pass(_passes(first), _passes(other), plans=plans)
        return statistics.compare_scores(
            first,
            other,
            is_share=grader not in self.score_only,
            resamples=FEW_RESAMPLES if is_one_of_many else RESAMPLES,
            plans=plans,
        )


def outcomes_of(run: Run) -> Outcomes:
    """Read what a verdict needs; three queries, whatever the run holds."""
    told = Score.objects.filter(answer__run=run).values_list(
        "grader", "answer__candidate_id", "answer__case_id", "passed", "override", "score"
    )
    samples: list[Sample] = list(told)
    score_only = _score_only(samples)
    return Outcomes(
        run=run,
        candidates=list(run.candidates.select_related("connection", "recording")),
        cases=list(Case.objects.filter(suite=run.suite_id).defer("messages").order_by("position")),
        score_only=score_only,
        values=_means(samples, score_only),
    )


def _score_only(samples: Sequence[Sample]) -> frozenset[int]:
    passing = {grader for grader, _, _, passed, _, _ in samples if passed is not None}
    scoring = {grader for grader, *_, score in samples if score is not None}
    return frozenset(scoring - passing)


def _means(
    samples: Sequence[Sample], score_only: frozenset[int]
) -> dict[tuple[int, int], dict[int, float]]:
    found: defaultdict[tuple[int, int], defaultdict[int, list[float]]]
    found = defaultdict(lambda: defaultdict(list))
    for grader, candidate, case, passed, override, score in samples:
        counts = passed if override is None else override
        value = score if counts is None and grader in score_only else counts
        if value is not None:
            found[grader, candidate][case].append(float(value))
    return {
        key: {
            case: mean
            for case, mean in zip(cases, statistics.per_row(list(cases.values())), strict=True)
            if mean is not None
        }
        for key, cases in found.items()
    }


def _passes(column: Iterable[float | None]) -> list[bool | None]:
    return [None if value is None else value > 0 for value in column]
