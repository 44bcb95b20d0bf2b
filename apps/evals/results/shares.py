"""How often each model is right while a run goes on; afterwards the run itself keeps it."""

from collections.abc import Sequence
from typing import Any

from django.db import connection

from apps.evals.models import Candidate, Run

# A question counts once, with the mean of its answers; a grader that only scores counts its scores.
SHARES = """
SELECT grader, candidate_id, avg(value), count(value) FROM (
  SELECT grader, candidate_id, case_id,
    coalesce(avg(coalesce(override, passed)::int), avg(score)) AS value
  FROM evals_score JOIN evals_answer ON evals_answer.id = answer_id
  WHERE run_id = %s GROUP BY grader, candidate_id, case_id
) AS questions GROUP BY grader, candidate_id
"""


def so_far(run: Run, candidates: Sequence[Candidate]) -> list[dict[str, Any]]:
    """Return the mean of each model by each grader, without intervals: more rows are to come."""
    places = {candidate.pk: candidate.position for candidate in candidates}
    with connection.cursor() as cursor:
        cursor.execute(SHARES, [run.pk])
        told = cursor.fetchall()
    return [
        {"grader": grader, "position": places[pk], "rows": rows, "mean": float(mean)}
        for grader, pk, mean, rows in told
        if mean is not None and pk in places
    ]
