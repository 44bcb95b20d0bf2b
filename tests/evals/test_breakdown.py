"""The verdict by parts of the questions, and without those that a model was trained on."""

import json

import pytest
from scipy.stats import binomtest

from apps.evals.models import Candidate, Recording
from apps.evals.results import leak_rows
from apps.evals.verdicts import judging
from apps.library.models import Deployment
from tests.evals.results import make_results
from tests.factories import make_connection, make_job, make_tuned_model, make_version

LANGUAGES = [{"language": "de", "topic": "all"}] * 12 + [{"language": "en", "topic": "all"}] * 8


@pytest.fixture
def judged(owner, openai):
    def make(*told, **fields):
        return make_results(workspace=owner.workspace, connection=openai, told=told, **fields)

    return make


def training_data(owner, *questions, answer="Answer 1."):
    rows = (
        {"messages": [{"role": "user", "content": each}, {"role": "assistant", "content": answer}]}
        for each in questions
    )
    content = b"".join(json.dumps(row).encode() + b"\n" for row in rows)
    return make_version(workspace=owner.workspace, content=content)


def tuned_on(owner, connection, data, *, name="tuned", base="base"):
    shared = {"workspace": owner.workspace, "connection": connection}
    job = make_job(**shared, training_data=data, base_model=base)
    return make_tuned_model(**shared, job=job, name=name, base_model=base)


def test_each_part_has_its_own_verdict_corrected_for_their_number(client, judged):
    run = judged([False] * 20, [True] * 12 + [False] * 8, slices=LANGUAGES)
    german, english = run.result["slices"]
    assert (german["value"], german["cases"], german["means"]) == ("de", 12, [0, 1])
    comparison = german["comparisons"][0]
    assert comparison["p_value"] == pytest.approx(2 * binomtest(0, 12).pvalue)
    assert comparison["is_decisive"]
    assert not english["comparisons"][0]["is_decisive"]
    page = client.get(run.get_absolute_url()).content.decode()
    assert "+100.0 points" in page
    assert "by chance" in page


def test_a_part_with_few_questions_says_so(client, judged):
    slices = [{"length": "short"}] * 5 + [{"length": "long"}] * 8
    run = judged([False] * 13, [True] * 13, slices=slices)
    long, short = client.get(run.get_absolute_url()).context["slices"]
    assert (long.is_small, short.is_small) == (False, True)
    assert short.value == "short"


def test_the_table_is_sorted_as_the_address_says(client, judged):
    slices = [{"topic": name} for name in "abc" for _ in range(8)]
    gains = [True] * 2 + [False] * 6, [True] * 5 + [False] * 3, [False] * 8
    run = judged([False] * 24, [gain for part in gains for gain in part], slices=slices)
    for sort, order in {"": "abc", "effect": "cab", "-effect": "bac", "drop": "abc"}.items():
        rows = client.get(run.get_absolute_url(), {"sort": sort}).context["slices"]
        assert "".join(row.value for row in rows) == order


def test_values_of_parts_are_hostile_text(client, judged):
    slices = [{"label": "<script>x"}] * 6 + [{"label": "b"}] * 6
    page = client.get(judged([False] * 12, [True] * 12, slices=slices).get_absolute_url())
    assert "<script>x" not in page.content.decode()


def test_what_was_trained_on_is_found_and_the_verdict_made_without_it(
    client, owner, openai, judged
):
    data = training_data(owner, "QUESTION   1?", "Question 2?", "Question 99?")
    tuned_on(owner, openai, data)
    run = judged([False] * 12, [True] * 12)
    base, tuned = run.result["leaks"]["models"]
    assert (base["status"], base["questions"]) == ("untrained", [])
    assert (tuned["status"], tuned["questions"], tuned["with_answer"]) == ("trained", [1, 2], 1)
    assert run.result["leaks"]["comparisons"][0]["rows"] == 10
    page = client.get(run.get_absolute_url()).content.decode()
    assert "2 of 12 questions were in the training data. Without them: Tuned is better" in page
    assert f"2 of 12 questions were in {data.title} (1 with the same answer)." in page


def test_a_model_that_saw_nothing_is_told_apart_from_one_of_which_nobody_knows(
    client, owner, openai, judged
):
    tuned_on(owner, openai, training_data(owner, "Another question?"))
    make_tuned_model(workspace=owner.workspace, connection=openai, name="third")
    run = judged([False] * 6, [True] * 6, [True] * 6)
    assert [each["status"] for each in run.result["leaks"]["models"]] == [
        *("untrained", "trained", "unknown")
    ]
    assert run.result["leaks"]["comparisons"] == []
    page = client.get(run.get_absolute_url()).content.decode()
    assert "None of 6 questions was in" in page
    assert "not known here" in page


def test_what_its_parents_were_trained_on_counts_too(owner, openai, judged):
    tuned_on(owner, openai, training_data(owner, "Question 2?"), name="grandparent")
    tuned_on(owner, openai, training_data(owner, "Question 3?"), name="parent", base="grandparent")
    tuned_on(owner, openai, training_data(owner, "Question 4?"), base="parent")
    run = judged([False] * 6, [True] * 6)
    assert run.result["leaks"]["models"][1]["questions"] == [2, 3, 4]


def test_a_deployed_and_a_recorded_model_are_recognised(owner, openai, judged):
    model = tuned_on(owner, openai, training_data(owner, "Question 1?"), name="ft:somebody")
    fields = {"workspace": owner.workspace, "tuned_model": model, "name": "retune-harbour"}
    Deployment.objects.create(**fields, model="tuned")
    run = judged([False] * 6, [True] * 6, [True] * 6)
    recording = Recording.objects.create(
        workspace=owner.workspace, name="Before the end", model="ft:somebody"
    )
    Candidate.objects.filter(run=run, position=2).update(connection=None, recording=recording)
    judging.judge(run.pk)
    run.refresh_from_db()
    assert [each["questions"] for each in run.result["leaks"]["models"]] == [[], [1], [1]]


def test_a_model_of_another_connection_is_another_model(owner, openai, judged):
    elsewhere = make_connection(workspace=owner.workspace)
    tuned_on(owner, elsewhere, training_data(owner, "Question 1?"))
    run = judged([False] * 6, [True] * 6)
    assert run.result["leaks"]["models"][1]["status"] == "untrained"


def test_data_that_is_gone_is_not_called_clean(owner, openai, judged):
    data = training_data(owner, "Question 1?")
    tuned_on(owner, openai, data)
    data.path.unlink()
    run = judged([False] * 6, [True] * 6)
    assert run.result["leaks"]["models"][1]["status"] == "unknown"
    candidates = list(run.candidates.all())
    assert "not known here" in leak_rows.rows(run, candidates)[1].words
