"""People vote on answers: blindly, each in an order of their own, and the majority decides."""

import re

import pytest
from django.urls import reverse

from apps.evals import tasks
from apps.evals.models import HumanVote, Run, Score
from apps.evals.verdicts import rejudging
from tests.evals.asked import BASE, JUDGE, TUNED, fields_of, judge, judging, make_suite, start

PEOPLE = {"kind": "human", "instructions": "Is it true at sea?"}


@pytest.fixture
def run(client, owner, openai, models, django_capture_on_commit_callbacks):
    """A run with a vote of people and a judge who likes whatever the second model says."""
    models.says = {
        BASE: lambda request: f"Aye, {request.messages[-1]['content'][-3:]}",
        TUNED: lambda request: f"Nay, {request.messages[-1]['content'][-3:]}",
        JUDGE: judging(lambda material: material["answer"].startswith("Nay")),
    }
    suite = make_suite(owner.workspace, [PEOPLE, judge(openai)])
    return start(client, suite, fields_of(openai, [TUNED]), django_capture_on_commit_callbacks)


class Reviewer:
    """One person with a browser."""

    def __init__(self, browser, run, grader=0):
        self.browser, self.run, self.grader = browser, run, grader
        self.address = reverse("evals:review", args=[run.public_id])
        self.page = browser.get(f"{self.address}?grader={grader}")

    @property
    def answer(self):
        return self.page.context["answer"]

    def votes(self, said):
        self._send("vote", answer=self.answer.pk, vote=said)

    def votes_all(self, decide):
        while self.answer:
            self.votes("right" if decide(self.answer) else "wrong")

    def takes_back(self):
        self._send("review_undo")

    def _send(self, door, **fields):
        address = reverse(f"evals:{door}", args=[self.run.public_id])
        fields = {"grader": self.grader, **fields}
        self.page = self.browser.post(address, fields, follow=True)
        assert self.page.status_code == 200


def passed(run, position):
    scores = Score.objects.filter(answer__run=run, answer__candidate__position=position, grader=0)
    return [score.passed for score in scores.order_by("answer__case")]


def says_nay(answer):
    return answer.text.startswith("Nay")


def test_a_person_judges_every_answer_once_and_the_verdict_follows(client, run):
    assert passed(run, 0) == [None] * 3
    reviewer = Reviewer(client, run)
    assert "Is it true at sea?" in reviewer.page.content.decode()
    reviewer.votes_all(says_nay)
    assert "You have judged everything" in reviewer.page.content.decode()
    assert (passed(run, 0), passed(run, 1)) == ([False] * 3, [True] * 3)
    assert Score.objects.filter(grader=0, passed=False).first().why.startswith("0 of 1 people")
    run.refresh_from_db()
    assert run.judge_at
    Run.objects.update(judge_at=run.created_at)
    tasks.advance_due_runs()
    run.refresh_from_db()
    assert run.judge_at is None
    comparison = run.result["comparisons"][0]
    assert (comparison["better"], comparison["rows"]) == (3, 3)


def test_nobody_sees_whose_answer_it_is(client, run):
    page = Reviewer(client, run).page.content.decode()
    for name in (BASE, TUNED, "Connection"):
        assert name not in re.sub(r"<nav.*?</nav>", "", page, flags=re.DOTALL)


def test_the_order_is_everybodys_own_and_stays(client_of, owner, viewer, editor, run):
    def order_of(member):
        reviewer, seen = Reviewer(client_of(member), run), []
        for _ in range(6):
            seen.append(reviewer.answer.pk)
            reviewer.votes("skip")
        return seen

    orders = [order_of(member) for member in (owner, viewer, editor)]
    assert len({tuple(order) for order in orders}) > 1
    assert {frozenset(order) for order in orders} == {frozenset(orders[0])}
    assert order_of(owner) == orders[0]
    assert not HumanVote.objects.exists()


def test_what_was_skipped_comes_again(client, run):
    reviewer = Reviewer(client, run)
    skipped = reviewer.answer.pk
    reviewer.votes("skip")
    for _ in range(5):
        assert reviewer.answer.pk != skipped
        reviewer.votes("right")
    assert reviewer.answer.pk == skipped
    reviewer.votes("skip")
    assert reviewer.answer.pk == skipped


def test_a_viewer_may_vote_and_a_stranger_finds_nothing(client_of, viewer, stranger, run):
    Reviewer(client_of(viewer), run).votes("right")
    assert HumanVote.objects.get().user == viewer.user
    address = reverse("evals:review", args=[run.public_id])
    assert client_of(stranger).get(address).status_code == 404


def test_the_majority_decides_and_a_tie_decides_nothing(client, client_of, viewer, editor, run):
    Reviewer(client, run).votes_all(lambda _answer: True)
    Reviewer(client_of(viewer), run).votes_all(lambda _answer: False)
    assert passed(run, 0) == [None] * 3
    Reviewer(client_of(editor), run).votes_all(says_nay)
    assert (passed(run, 0), passed(run, 1)) == ([False] * 3, [True] * 3)


def test_the_last_vote_is_taken_back_and_its_answer_shown_again(client, run):
    reviewer = Reviewer(client, run)
    first = reviewer.answer.pk
    reviewer.votes("right")
    second = reviewer.answer.pk
    reviewer.votes("right")
    reviewer.takes_back()
    assert reviewer.answer.pk == second
    reviewer.takes_back()
    assert reviewer.answer.pk == first
    assert not HumanVote.objects.exists()
    assert passed(run, 0) == [None] * 3
    reviewer.takes_back()


def test_the_same_words_to_the_same_question_are_judged_once(
    client, owner, openai, models, django_capture_on_commit_callbacks
):
    models.says = dict.fromkeys((BASE, TUNED), lambda _request: "Aye.")
    suite = make_suite(owner.workspace, [PEOPLE])
    run = start(client, suite, fields_of(openai, [TUNED]), django_capture_on_commit_callbacks)
    reviewer = Reviewer(client, run)
    reviewer.votes("right")
    assert HumanVote.objects.count() == 2
    reviewer.takes_back()
    assert HumanVote.objects.count() == 0


def test_a_judge_is_checked_on_a_sample_and_its_agreement_is_told(client, run, monkeypatch):
    monkeypatch.setattr("apps.evals.reviewing.CHECKED", 4)
    Reviewer(client, run, grader=1).votes_all(says_nay)
    assert HumanVote.objects.count() == 4
    rejudging.judge_now(run.pk)
    run.refresh_from_db()
    agreement = run.result["agreement"][0]
    assert (agreement["grader"], agreement["rows"], agreement["share"]) == (1, 4, 1)
    assert Score.objects.filter(grader=1, passed=None).count() == 0
    page = client.get(run.get_absolute_url()).content.decode()
    assert "says what people say of 100 %" in page


def test_a_judge_that_nobody_checked_is_compared_with_the_votes_of_people(client, run):
    Reviewer(client, run).votes_all(lambda answer: not says_nay(answer))
    rejudging.judge_now(run.pk)
    run.refresh_from_db()
    agreement = run.result["agreement"][0]
    assert (agreement["rows"], agreement["share"], agreement["kappa"]) == (6, 0, -1)


def test_a_vote_on_something_else_is_no_vote(client, run):
    address = reverse("evals:vote", args=[run.public_id])
    known = Reviewer(client, run).answer.pk
    for fields in (
        {"grader": 0, "answer": 10**9, "vote": "right"},
        {"grader": 0, "answer": "x", "vote": "right"},
        {"grader": 7, "answer": known, "vote": "right"},
        {"grader": 0, "answer": known, "vote": "maybe"},
    ):
        assert client.post(address, fields).status_code == 404
    assert not HumanVote.objects.exists()


def test_a_run_without_people_says_so(
    client, owner, openai, models, django_capture_on_commit_callbacks
):
    models.says = dict.fromkeys((BASE, TUNED), lambda _request: "Aye.")
    suite = make_suite(owner.workspace, [{"kind": "exact"}])
    run = start(client, suite, fields_of(openai, [TUNED]), django_capture_on_commit_callbacks)
    page = client.get(reverse("evals:review", args=[run.public_id]))
    assert "People have no word in this run" in page.content.decode()
    assert "What people say" not in client.get(run.get_absolute_url()).content.decode()


def test_answers_are_hostile_text_here_too(client, run):
    run.answers.update(text="<script>alert(1)</script>")
    assert "<script>alert" not in Reviewer(client, run).page.content.decode()
