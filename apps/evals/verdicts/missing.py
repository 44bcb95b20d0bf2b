"""Why questions are in no verdict: each is counted once for each model and grader."""

from collections import Counter
from typing import Any

from django.db.models import Count, Q
from django.utils.translation import ngettext

from apps.evals.models import Answer, Case, Score
from apps.evals.verdicts.outcomes import Outcomes

NOT_ASKED, FAILED, WAITING, NOTHING_EXPECTED, UNDECIDED = (
    *("not_asked", "failed", "waiting", "nothing_expected"),
    "undecided",
)
Known = dict[tuple[int, int], tuple[int, int]]  # by candidate and question: answered, failed


def reasons(outcomes: Outcomes) -> list[dict[str, Any]]:
    """Return how many questions of which model a grader has no value for, and why."""
    answered = _answered(outcomes)
    waiting = set(
        Score.objects.filter(answer__run=outcomes.run)
        .waiting()
        .values_list("grader", "answer__candidate_id", "answer__case_id")
    )
    found: Counter[tuple[int, int, str]] = Counter()
    for grader in range(len(outcomes.run.suite.graders)):
        for candidate in outcomes.candidates:
            known = outcomes.values.get((grader, candidate.pk), {})
            for case in outcomes.cases:
                if case.pk not in known:
                    is_waiting = (grader, candidate.pk, case.pk) in waiting
                    done, failed = answered.get((candidate.pk, case.pk), (0, 0))
                    reason = _reason(case, done, failed, is_waiting=is_waiting)
                    found[candidate.position, grader, reason] += 1
    return [
        {"position": position, "grader": grader, "reason": reason, "rows": rows}
        for (position, grader, reason), rows in sorted(found.items())
    ]


def _answered(outcomes: Outcomes) -> Known:
    rows = Answer.objects.filter(run=outcomes.run).values_list("candidate_id", "case_id")
    counted = rows.annotate(
        done=Count("pk", filter=Q(status="done")), failed=Count("pk", filter=Q(status="failed"))
    )
    return {(candidate, case): (done, failed) for candidate, case, done, failed in counted}


def _reason(case: Case, done: int, failed: int, *, is_waiting: bool) -> str:
    if not done:
        return FAILED if failed else NOT_ASKED
    if is_waiting:
        return WAITING
    return UNDECIDED if case.expected.strip() else NOTHING_EXPECTED


def words(reason: str, rows: int) -> str:
    """Say how many questions are left out, and why."""
    sentence = {
        FAILED: ngettext(
            "%(count)d question got no answer", "%(count)d questions got no answer", rows
        ),
        NOT_ASKED: ngettext(
            "%(count)d question was not asked", "%(count)d questions were not asked", rows
        ),
        WAITING: ngettext(
            "%(count)d answer waits for its judge", "%(count)d answers wait for their judge", rows
        ),
        NOTHING_EXPECTED: ngettext(
            "%(count)d question has no expected answer",
            "%(count)d questions have no expected answer",
            rows,
        ),
    }.get(
        reason,
        ngettext(
            "%(count)d answer could not be judged", "%(count)d answers could not be judged", rows
        ),
    )
    return sentence % {"count": rows}
