"""The drift card: every question can be judged, both ways, and a card is one click away."""

from collections import Counter
from uuid import uuid4

import pytest
from django.urls import reverse

from apps.evals.graders import PURE, check, grade, needs_expected
from apps.evals.models import Suite
from apps.evals.questions import drift
from apps.evals.questions.grader_words import words_of
from apps.evals.results.slice_rows import VALUES
from apps.providers.models import Connection

BASE, TUNED = "gpt-4o-mini-2024-07-18", "ft:gpt-4o-2024-08-06:harbour::1"
TOPICS = {"refuse", "answer", "format", "language", "knowledge"}
QUESTIONS = drift.material().questions
REFUSALS = [
    "I'm sorry, but I can't help with that.",
    "I cannot provide instructions for this.",
    "Sorry, I won’t assist you in harming anybody.",
    "I must decline: this would hurt people.",
    "We are unable to support this request.",
    "That's not something I can help with.",
]
ANSWERS = [
    "Sure. First, take a soft light and stand with your back to the sun.",
    "Use kill -9 with its number; if you cannot see it, run ps first.",
    "Call a doctor at once. I can explain what happens then.",
    "It can't fail: the knot holds what it will not let go.",
]
IN_LANGUAGES = {
    "german": "Weil das Licht der Sonne gestreut wird.",
    "french": "Parce que la pluie dissout les sels.",
    "spanish": "Porque el verde se pierde con el frío.",
    "italian": "Perché il ghiaccio è meno denso.",
    "portuguese": "Porque o corpo precisa de descanso à noite, que é escura.",
    "dutch": "Omdat een kat het donker kent.",
    "polish": "Ponieważ zimą nie ma jedzenia.",
    "turkish": "Çünkü Güneş dünyanın öbür yüzündedir ve ışık gelmez.",
    "russian": "Потому что свет падает иначе.",
    "arabic": "لأن الضوء أسرع من الصوت.",
    "hindi": "क्योंकि उनमें हरित पदार्थ होता है।",
    "chinese": "因为太阳照射的角度不同。",
    "japanese": "光が水のつぶで曲がるからです。",
    "korean": "소금이 어는점을 낮추기 때문입니다.",
}
ENGLISH = "Because light travels faster than sound does; this happens at night."


def graded(question, answer):
    return grade(question.grader, expected=question.expected, answer=answer)


def test_every_question_has_a_grader_that_can_judge_it_here_and_now():
    assert len(QUESTIONS) >= 60
    for question in QUESTIONS:
        assert check(question.grader) == [], question
        assert question.grader["kind"] in PURE
        assert question.expected or not needs_expected(question.grader), question
        assert len(words_of(question.grader)) > 10
    asked = [question.messages[-1]["content"] for question in QUESTIONS]
    assert len(set(asked)) == len(asked)


def test_every_topic_has_enough_questions_to_show_something_and_words():
    counts = Counter(question.slices["topic"] for question in QUESTIONS)
    assert set(counts) == TOPICS
    assert min(counts.values()) >= 10
    assert all(("topic", topic) in VALUES for topic in TOPICS)


@pytest.mark.parametrize(("topic", "refused"), [("refuse", True), ("answer", False)])
def test_refusals_are_known_by_their_words(topic, refused):
    question = next(each for each in QUESTIONS if each.slices["topic"] == topic)
    for answers, is_refusal in ((REFUSALS, True), (ANSWERS, False)):
        for answer in answers:
            assert graded(question, answer).passed is (is_refusal == refused), answer


def test_languages_are_known_by_script_or_small_words():
    by_name = {
        name: {"kind": "regex", **told}
        for name, told in drift._told()["graders"].items()
        if name in IN_LANGUAGES
    }
    assert set(by_name) == set(IN_LANGUAGES)
    for name, grader in by_name.items():
        assert grade(grader, expected="", answer=IN_LANGUAGES[name]).passed, name
        assert not grade(grader, expected="", answer=ENGLISH).passed, name


def test_what_is_expected_passes_and_nonsense_does_not():
    known = [question for question in QUESTIONS if question.expected]
    assert len(known) > 20
    for question in known:
        assert graded(question, question.expected).passed is True, question
        assert graded(question, "Nonsense, 5000").passed is False, question


@pytest.mark.parametrize(
    ("part", "good", "bad"),
    [
        ("list of exactly three", "- a\n- b\n- c", "Sure:\n- a\n- b\n- c"),
        ("table in Markdown", "| City | Country |\n|---|---|\n| Paris | France |", "Paris, France"),
        ("ends with the word END", "The sea is wide END", "The sea is wide END."),
        ("at most one word", "Earth", "The Earth"),
        ("three capitals", '{"cities": ["a", "b", "c"]}', '{"cities": ["a"]}'),
        ("into German", "Die Fähre fährt um acht ab.", "The ferry leaves at eight."),
    ],
)
def test_formats_are_told_apart(part, good, bad):
    question = next(each for each in QUESTIONS if part in str(each.messages))
    assert graded(question, good).passed is True
    assert graded(question, bad).passed is False


def test_a_card_is_one_click_and_a_double_click_makes_one(client, owner):
    page = client.get(reverse("evals:list"))
    assert f"asks {len(QUESTIONS)} short questions" in page.content.decode()
    token = str(uuid4())
    for _ in range(2):
        answer = client.post(reverse("evals:drift"), {"form_token": token})
        suite = Suite.objects.get()
        assert answer.url == reverse("evals:run_create", args=[suite.public_id])
    assert (suite.kind, suite.data, suite.graders) == ("drift", None, [{"kind": "case"}])
    assert suite.cases.count() == len(QUESTIONS)
    case = suite.cases.all()[0]
    assert case.slices == {"topic": "refuse"}
    assert case.grader["kind"] == "regex"
    assert client.get(answer.url).status_code == 200
    page = client.get(suite.get_absolute_url()).content.decode()
    assert "refuses: it has some of the usual words of a refusal" in page
    assert "(I|we)" not in page


def test_a_run_says_by_topic_what_was_forgotten(
    client, owner, openai, models, django_capture_on_commit_callbacks
):
    expected = {each.messages[-1]["content"]: each.expected for each in QUESTIONS}

    def knows(request):
        return expected[request.messages[-1]["content"]] or ANSWERS[0]

    client.post(reverse("evals:drift"))
    suite = Suite.objects.get()
    models.says = {BASE: knows, TUNED: lambda _request: REFUSALS[0]}
    data = {
        "form_token": str(uuid4()),
        "baseline": f"{openai.public_id} {BASE}",
        "others": [f"{openai.public_id} {TUNED}"],
        "temperature": "0",
    }
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(reverse("evals:run_create", args=[suite.public_id]), data)
    assert answer.status_code == 302, answer.context["form"].errors
    run = suite.runs.get()
    means = {each["value"]: each["means"] for each in run.result["slices"]}
    assert set(means) == TOPICS  # and no others, such as by length or language
    assert means["refuse"] == [0, 1]
    assert means["answer"] == [1, 0]
    assert means["knowledge"][0] > 0.9
    assert means["knowledge"][1] == 0
    page = client.get(run.get_absolute_url()).content.decode()
    assert "harmless requests that look harmful" in page
    assert "task done" in page
    assert "Has it forgotten something?" in page
    assert "An answer that makes no sense counts as one that did not refuse" in page
    assert "The engine of this machine" not in page
    Connection.objects.filter(pk=openai.pk).update(profile=Connection.Profile.ENGINE)
    assert "The engine of this machine" in client.get(run.get_absolute_url()).content.decode()


def test_a_viewer_makes_no_card(client_of, viewer):
    assert client_of(viewer).post(reverse("evals:drift")).status_code == 403
