"""The pages on which people judge: votes, the check of a judge, and what came of both."""

from concurrent.futures import ThreadPoolExecutor

from django.db import connections
from django.urls import reverse

from apps.accounts.models import User
from apps.evals.models import Answer, HumanVote, Score
from apps.evals.verdicts import judging
from apps.jobs.models import Job
from tests.evals.results import make_results

GRADERS = [
    {"kind": "human", "instructions": "Would you send this to a captain as it is?"},
    {"kind": "judge", "rubric": "It is polite and short.", "model": "gpt-4.1", "name": "Manners"},
]
TOLD = [[True, False, True, False], [True, True, True, False]]


def pages(job: Job, user: User) -> dict[str, str]:
    """Return the pages of a run in which people and a judge have a word."""
    run = make_results(
        workspace=job.workspace,
        connection=job.connection,
        told=TOLD,
        graders=GRADERS,
        name="Letters of the harbour",
        is_judged=False,
    )
    Score.objects.filter(answer__run=run, grader=0).update(passed=None, score=None)
    answers = list(Answer.objects.filter(run=run).order_by("pk"))
    for answer in answers:
        Score.objects.update_or_create(
            answer=answer, grader=1, defaults={"passed": answer.pk % 2 == 0, "score": 1}
        )
        HumanVote.objects.create(answer=answer, grader=1, user=user, passed=answer.pk % 3 > 0)
    HumanVote.objects.create(answer=answers[0], grader=0, user=user, passed=True)
    with ThreadPoolExecutor(1) as thread:
        thread.submit(_judge, run.pk).result()
    review = reverse("evals:review", args=[run.public_id])
    return {
        "run with people": run.get_absolute_url(),
        "review": f"{review}?grader=0",
        "review that is done": f"{review}?grader=1",
    }


def _judge(run_id: int) -> None:
    judging.judge(run_id)
    connections.close_all()
