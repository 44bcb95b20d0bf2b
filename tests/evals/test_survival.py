"""A worker that dies between any two of its steps: nothing is lost, and little is paid twice."""

from uuid import uuid4

import pytest
from django.db import connection
from django.db.models import Count

from apps.evals import services, tasks
from apps.evals.asking import writing
from apps.evals.asking.starting import ModelChoice
from apps.evals.models import Answer, Run, Score
from tests.evals.asked import (
    BASE,
    JUDGE,
    TUNED,
    judge,
    judging,
    knows,
    make_suite,
    near,
    tick,
)

GRADERS_ASK = judging(lambda material: material["answer"].startswith("Answer"))


class Killed(BaseException):
    """What a worker dies of: nothing catches it."""


class Deadly:
    """Lets the worker die before its n-th change; what had begun is rolled back, as for real."""

    def __init__(self, last: int) -> None:
        self.last = last
        self.changes = 0

    def __call__(self, execute, sql, params, many, context):
        if sql.startswith(("UPDATE", "INSERT", "DELETE")):
            self.changes += 1
            if self.changes > self.last:
                raise Killed
        return execute(sql, params, many, context)


@pytest.fixture
def begin(owner, openai, models, monkeypatch):
    """Return a new run that nobody has worked at yet, of a suite that asks a judge and vectors."""
    monkeypatch.setattr(tasks.advance_run, "delay", lambda **_ids: None)
    monkeypatch.setattr(tasks.name_languages, "delay", lambda **_ids: None)
    monkeypatch.setattr(
        "apps.evals.verdicts.judging.judge", judged
    )  # the statistics take their time
    models.says = {BASE: knows, TUNED: lambda _request: "No.", JUDGE: GRADERS_ASK}
    graders = [{"kind": "exact"}, judge(openai), near(openai)]
    suite = make_suite(owner.workspace, graders, count=1)

    def new() -> Run:
        Score.objects.update(content_key="")  # what was judged before is known to nobody
        models.asked.clear()
        choices = [ModelChoice(openai, model, model) for model in (BASE, TUNED)]
        return services.start_run(
            membership=owner, suite=suite, choices=choices, temperature=1, public_id=uuid4()
        )

    return new


def judged(run_id):
    counted = Score.objects.filter(answer__run=run_id).exclude(passed=None).count()
    Run.objects.filter(pk=run_id).update(result={"counted": counted})


def outcome(run):
    run.refresh_from_db()
    scores = Score.objects.filter(answer__run=run).order_by("answer__case", "answer", "grader")
    return (
        bool(run.ended_at),
        run.judge_at,
        [(each.grader, each.status, each.passed) for each in scores],
        run.result,
    )


def test_it_goes_on_wherever_it_died(begin, models):
    undisturbed = begin()
    with connection.execute_wrapper(steps := Deadly(1_000)):
        tick(undisturbed)
    wanted, calls = outcome(undisturbed), len(models.asked)
    assert wanted[0]
    assert steps.changes > 8
    for step in range(steps.changes):
        run = begin()
        with pytest.raises(Killed), connection.execute_wrapper(Deadly(step)):
            tick(run)
        assert_nothing_twice(run)
        tick(run)
        tasks.advance_due_runs()  # a death behind the last answer leaves the comparison to the tick
        assert outcome(run) == wanted, f"killed before change {step}"
        assert len(models.asked) <= 2 * calls


def assert_nothing_twice(run):
    told = Score.objects.filter(answer__run=run).values("answer", "grader")
    assert not told.annotate(times=Count("pk")).filter(times__gt=1).exists()


def test_a_message_that_comes_twice_finds_nothing_to_claim(begin, models, monkeypatch):
    run = begin()

    def written(told):
        asked = len(models.asked)
        tasks.advance_run(run_id=run.pk)  # while another worker is at it
        assert len(models.asked) == asked
        write(told)

    write = writing.write
    monkeypatch.setattr(writing, "write", written)
    tick(run)
    assert run.ended_at
    before = outcome(run), len(models.asked)
    tasks.advance_run(run_id=run.pk)
    tasks.judge_run(run_id=run.pk)
    assert (outcome(run), len(models.asked)) == before


def test_a_late_answer_changes_nothing_that_is_settled(begin, monkeypatch):
    run = begin()

    def overtaken(told):
        Answer.objects.filter(run=run).update(status="done", text="Earlier.")
        return write(told)

    write = writing.write
    monkeypatch.setattr(writing, "write", overtaken)
    tick(run)
    assert set(run.answers.values_list("text", flat=True)) == {"Earlier."}
    assert not Score.objects.filter(answer__run=run).exists()
