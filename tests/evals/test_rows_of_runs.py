"""Every row of a run: filters in the address, neighbours, marks, and a person's word."""

from itertools import chain

import pytest
from django.urls import reverse

from apps.evals.models import Answer, Case, Score
from tests.evals.results import FAILED, make_results


@pytest.fixture
def judged(owner, openai):
    def make(*told, **fields):
        return make_results(workspace=owner.workspace, connection=openai, told=told, **fields)

    return make


def rows_of(client, run, **query):
    return client.get(reverse("evals:rows", args=[run.public_id]), query)


def positions(page):
    return [row.case.position for row in page.context["rows"]]


def test_the_kinds_are_those_of_the_verdict(client, judged):
    run = judged([True, True, False, False, True], [True, False, True, False, None])
    page = rows_of(client, run)
    assert page.context["counts"] == {"all": 5, "fixed": 1, "broken": 1, "right": 1, "wrong": 1}
    for kind, place in {"right": 1, "broken": 2, "fixed": 3, "wrong": 4}.items():
        assert positions(rows_of(client, run, kind=kind)) == [place]
    Score.objects.filter(answer__case__position=3, passed=False).update(override=True)
    assert positions(rows_of(client, run, kind="right")) == [1, 3]


def test_of_several_answers_their_share_decides_the_kind(client, judged):
    base = [[True, False], [True, True], [False, False], [True, False]]
    tuned = [[True, True], [True, False], [False, False], [False, True]]
    page = rows_of(client, judged(base, tuned))
    assert page.context["counts"] == {"all": 4, "fixed": 1, "broken": 1, "right": 1, "wrong": 1}
    assert "The same, mostly right" in page.content.decode()


def test_each_filter_finds_its_rows(client, owner, judged):
    slices = [{"language": "de"}] * 2 + [{"language": "en"}] * 4
    base = [[True, True], [True, False], [FAILED, True], [None, True], [True] * 2, [True] * 2]
    run = judged(base, [[True] * 2] * 6, slices=slices)
    Case.objects.filter(suite=run.suite, position=5).update(expected="Über die 50 % Grenze")
    Answer.objects.filter(run=run, case__position=6, sample=1).update(text="Ship ahoy")
    Score.objects.filter(answer__case__position=6).update(override=True)
    found = {
        "varying=1": [2],
        "failed=1": [3],
        "undecided=1": [4],
        "q=50 %": [5],
        "q=ship AHOY": [6],
        "q=Question 2": [2],
        "overridden=1": [6],
        "slice=language:de": [1, 2],
        "slice=language:de&varying=1": [2],
        "slice=nothing": [1, 2, 3, 4, 5, 6],
        "leaked=1": [],
    }
    for query, places in found.items():
        told = dict(pair.split("=", 1) for pair in query.split("&"))
        assert positions(rows_of(client, run, **told)) == places, query


def test_a_row_has_neighbours_among_those_of_its_filter(client, judged):
    run = judged([False] * 4, [True, False, False, True])
    first = client.get(reverse("evals:row", args=[run.public_id, 1]), {"kind": "fixed"})
    neighbours = first.context["neighbours"]
    assert (neighbours.previous, neighbours.next) == (None, 4)
    assert f"{reverse('evals:row', args=[run.public_id, 4])}?candidate=1" in first.content.decode()


def test_what_a_model_says_differently_is_marked(client, judged):
    run = judged([False], [False])
    Answer.objects.filter(candidate__position=0).update(text="The <b>captain</b> steers.")
    Answer.objects.filter(candidate__position=1).update(text="The <b>cook</b> steers.")
    row = reverse("evals:row", args=[run.public_id, 1])
    page = client.get(row, {"view": "first"}).content.decode()
    assert "<ins>cook</ins>" in page
    assert "<ins>captain</ins>" not in page
    assert "<b>" not in page


def test_a_persons_word_is_told_and_can_be_undone(client, owner, judged):
    judged([True] * 2, [False] * 2)
    score = Score.objects.filter(answer__candidate__position=1)[0]
    told = {"counts": "right", "filters": "kind=broken&candidate=1&q=x"}
    answer = client.post(reverse("evals:override", args=[score.pk]), told)
    assert answer.url.endswith("?candidate=1&grader=0&kind=broken&q=x")
    page = client.get(answer.url).content.decode()
    assert f'form="score-{score.pk}" name="counts" value="grader"' in page
    assert f"decided by {owner.user}, just now" in page
    client.post(reverse("evals:override", args=[score.pk]), {"counts": "grader"})
    score.refresh_from_db()
    assert (score.override, score.overridden_by, score.overridden_at) == (None, None, None)


def test_a_list_shows_a_few_answers_and_the_page_of_the_row_all(client, judged):
    run = judged([[True] * 5], [[False] * 5])
    shown = chain.from_iterable(
        model.answers for model in rows_of(client, run).context["rows"][0].models
    )
    assert len(list(shown)) == 6
    row = client.get(reverse("evals:row", args=[run.public_id, 1])).context["row"]
    assert [len(model.answers) for model in row.models] == [5, 5]


def test_the_list_asks_as_often_for_many_rows_and_models_as_for_few(
    client, judged, django_assert_max_num_queries
):
    few, many = judged([True], [False]), judged([True] * 20, [False] * 20, [True] * 20)
    with django_assert_max_num_queries(100) as asked_few:
        rows_of(client, few, kind="broken", q="question")
    with django_assert_max_num_queries(len(asked_few)):
        rows_of(client, many, kind="broken", q="question")


def test_answers_that_reached_the_limit_are_told_beside_the_verdict_and_can_be_shown(
    client, judged
):
    run = judged([True] * 8, [False] * 8)
    page = client.get(run.get_absolute_url()).content.decode()
    assert "cut off" not in page
    cut = Answer.objects.filter(candidate__position=1, case__position__gt=5)
    cut.update(finish_reason="length")
    page = client.get(run.get_absolute_url()).content.decode()
    assert "3 answers of Tuned were cut off at the longest that was allowed" in page
    assert "answers of Base" not in page
    shown = rows_of(client, run, cut="1")
    assert positions(shown) == [6, 7, 8]
    assert "cut off at the limit</span>" in shown.content.decode()


def test_a_run_says_when_and_with_what_it_was_made(client, owner, judged):
    run = judged([True] * 6, [True] * 6)
    run.temperature, run.max_tokens, run.seed, run.created_by = 0.0, 1512, 3, owner.user
    run.save()
    page = client.get(run.get_absolute_url()).content.decode()
    page = " ".join(page.split())
    assert f", {owner.user} · temperature 0 · at most 1,512 tokens · seed 3" in page
