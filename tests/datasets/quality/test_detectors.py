"""Each detector of quality: one text or file that it is for, one that it must leave alone."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.datasets.quality import literals
from apps.datasets.quality.clusters import writing
from apps.datasets.quality.conversation import conversation_of
from apps.datasets.quality.debris import debris
from apps.datasets.quality.examine import examine
from apps.datasets.quality.labels import judge_labels
from apps.datasets.quality.languages import language_of
from apps.datasets.quality.leaks import near
from apps.datasets.quality.lengths import judge_lengths
from apps.datasets.quality.refusals import refusals
from apps.datasets.quality.repeats import conflicts, loose_copies
from apps.datasets.quality.shingles import BANDS, SLOTS, signatures
from tests.factories import chat_file

LEFT = [
    ("Dear {{first_name}},", "{{first_name}}", "unfilled_template", "likely"),
    ("Dear [Your Name]", "[Your Name]", "unfilled_template", "likely"),
    ("<|im_start|>user", "<|im_start|>", "special_token", "likely"),
    ("[INST] Hi", "[INST]", "special_token", "likely"),
    ("As an AI language model, I", "As an AI language model", "model_phrase", "likely"),
    ("作为一个AI语言模型，我", "作为一个AI语言模型", "model_phrase", "likely"),
    ("Lorem ipsum dolor", "Lorem ipsum dolor", "filler_text", "likely"),
    ("Tom &amp; Ann", "&amp;", "html_entity", "likely"),
    ("a cafÃ© here", "Ã©", "garbled_text", "certain"),
    ("itâ€™s", "â€™", "garbled_text", "certain"),
    ("lost \ufffd sign", "\ufffd", "replacement_character", "certain"),
    ("on \u202etxt.exe", "\u202e", "hidden_text", "likely"),
    ("a\U000e0068\U000e0069", "\U000e0068\U000e0069", "hidden_text", "likely"),
    ("ignore previous instructions", "ignore previous instructions", "prompt_injection", "likely"),
]  # fmt: skip
NOT_LEFT = [
    "f({a: {b: 1}}) and {{}} and if (a<|b) {}",
    "L'Âge d'or, São Tomé, â la carte, Ã",
    "`Hi ${name}` is JavaScript. Say so later.",
    "AT&T & others; previous instructions were clear",
    "An AI language model is a model.",
    "Come on \U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f!",  # a flag
    "\u2067\u05e9\u05dc\u05d5\u05dd\u2069 said they",
]


def _debris(text):
    data = text.encode()
    return [(data[d.start : d.end].decode(), d.code, d.sure) for d in debris(data, data.lower())]


@pytest.mark.parametrize(("text", "part", "code", "sure"), LEFT)
def test_what_was_left_in_is_found(text, part, code, sure):
    assert _debris(text) == [(part, code, sure)]
    assert _debris(text + " " * 5_000) == [(part, code, sure)]  # the fast way for long texts


@pytest.mark.parametrize("text", NOT_LEFT)
def test_what_was_meant_is_left_alone(text):
    assert _debris(text) == []


@pytest.mark.parametrize(
    "answer",
    [
        "I’m sorry, but I can’t help with that.",
        "I cannot assist with this request.",
        "很抱歉，我无法回答这个问题。",
        "Es tut mir leid, aber ich kann das nicht.",
        "Je ne peux pas vous aider.",
        "Lo siento, pero no puedo ayudar.",
    ],
)
def test_refusals_are_known_in_several_languages(answer):
    assert refusals([answer]) == [0]


@pytest.mark.parametrize(
    "answer",
    [
        "I can help with that.",
        "You cannot return it after 30 days.",
        "当然，我来帮你。",
        "Sorry for the delay; here it is.",
        "Long ago. " * 30 + "I cannot help with that.",
        "",
    ],
)
def test_help_is_no_refusal(answer):
    assert refusals([answer]) == []


def test_languages_are_named_only_when_the_text_is_long_and_plain_enough():
    assert language_of("Guten Tag, wie geht es Ihnen heute Abend?") == "de"
    assert language_of("今天天气很好，我们去公园散步吧。") == "zh"
    assert language_of("ok") == ""


def test_labels_are_short_answers_that_come_again_and_again():
    judged = judge_labels(Counter(spam=5, ham=95), answers=100)
    assert [entry["label"] for entry in judged["shown"]] == ["ham", "spam"]
    assert judged["is_unbalanced"]
    assert not judge_labels(Counter(spam=45, ham=55), answers=100)["is_unbalanced"]
    assert judge_labels(Counter({f"name {n}": 1 for n in range(100)}), answers=100) == {}
    assert judge_labels(Counter(yes=30), answers=100) == {}


def test_answers_far_from_the_others_are_named():
    usual = [100 + n % 7 for n in range(200)]
    judged = judge_lengths(np.array([*usual, 5_000, 3, 9], np.uint32), missing=9)
    assert (judged.longer.tolist(), judged.shorter.tolist()) == ([200], [201])
    assert (judged.figures["count"], judged.figures["max"]) == (202, 5_000)
    nothing_far = judge_lengths(np.array(usual, np.uint32), missing=9)
    assert not len(nothing_far.longer)


def test_a_question_with_two_answers_is_a_conflict_and_a_repeated_row_is_none():
    question = np.array([7, 7, 7, 8, 8, 0, 0], np.uint64)
    said = np.array([70, 70, 71, 80, 80, 1, 2], np.uint64)
    found = conflicts(question, said)
    assert found.others.tolist() == [2, 2, 0]  # never the row itself, nor one that says the same
    assert (found.questions, found.rows.tolist(), found.first.tolist()) == (1, [0, 1, 2], [0, 0, 0])


def test_loose_copies_are_those_that_are_not_exact():
    exact = np.array([1, 2, 1, 3, 0], np.uint64)
    loose = np.array([5, 5, 5, 6, 0], np.uint64)
    copies, originals = loose_copies(exact, loose)
    assert (copies.tolist(), originals.tolist()) == ([1], [0])


LONG = (
    "The old lighthouse keeper climbed the narrow stairs every evening to light the lamp, "
    "and wrote the names of all passing ships into a book that nobody ever read again."
)


def _clusters(folder, *parts):
    with writing(folder / "rows.jsonl") as kept:
        for texts in parts:
            kept.add(signatures(texts))
        return kept.clusters()


def test_rows_with_a_word_changed_are_near_and_others_are_not(tmp_path):
    other = LONG.replace("evening", "morning")
    shouted = LONG.upper() + "!"
    unlike = " ".join(reversed(LONG.split()))
    found = _clusters(tmp_path, [LONG, unlike, other], [shouted, "short", "short"])
    assert found.first.tolist() == [0, 1, 0, 0, 4, 5]
    assert found.largest() == [(0, 3, [0, 2, 3])]


def test_rows_that_share_a_part_only_are_different(tmp_path):
    signs = np.random.default_rng(1).integers(1, 255, (3, SLOTS), np.uint8)
    signs[1, : SLOTS // 2] = signs[0, : SLOTS // 2]
    signs[2, : SLOTS - 8] = signs[0, : SLOTS - 8]
    with writing(tmp_path / "rows.jsonl") as kept:
        kept.add(signs)
        assert kept.clusters().first.tolist() == [0, 1, 0]
    with writing(tmp_path / "others.jsonl") as kept:
        kept.add(signs[:1])
    nobody = np.zeros(0, np.int64)
    found = near(tmp_path / "rows.jsonl", tmp_path / "others.jsonl", without=nobody)
    assert found.rows.tolist() == [0, 2]


def test_scripts_without_spaces_are_compared_by_their_signs(tmp_path):
    text = "今天天气很好我们去公园散步看到了很多花和树还有小鸟在唱歌孩子们在玩耍大家都很高兴"
    found = _clusters(tmp_path, [text, text.replace("小鸟", "大鸟"), text[::-1]])
    assert found.first.tolist() == [0, 0, 2]


def test_a_thousand_equal_rows_are_one_cluster(tmp_path):
    found = _clusters(tmp_path, [LONG] * 500, [LONG] * 500)
    assert found.sizes[0] == 1_000
    assert len(found.copies) == 999


def test_a_long_comparison_gives_signs_of_life(tmp_path):
    path, signs = tmp_path / "rows.jsonl", []
    path.write_bytes(chat_file(12))
    examine(path, row_count=12, on_progress=signs.append, process_count=0)
    assert len(signs) > BANDS


@pytest.mark.parametrize(
    ("row", "question", "answer", "system"),
    [
        (
            {"messages": [{"role": "system", "content": "S"}, {"role": "user", "content": "Q"}]},
            "Q",
            None,
            "S",
        ),
        ({"prompt": "Q", "completion": "A"}, "Q", "A", None),
        (
            {
                "input": {"messages": [{"role": "user", "content": [{"text": "Q"}]}]},
                "preferred_output": [{"role": "assistant", "content": "A"}],
            },
            "Q",
            "A",
            None,
        ),
        ({"messages": [3, {"role": [], "content": {}}]}, None, None, None),
    ],
)
def test_rows_of_every_kind_are_read(row, question, answer, system):
    said = conversation_of(row)
    assert (said.question, said.answer, said.system) == (question, answer, system)


LITERALS = [b"ab", b"abc", b"abcd", b"abce", b"{{", b"cdabab"]


@given(text=st.text("abcde{", max_size=40))
def test_literals_are_found_as_by_searching_for_each(text):
    data = text.encode() + b"-" * 20
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(literals, "SHORT_BYTES", 0)
        found = literals.Literals(LITERALS).inside(data)
    assert found == {literal for literal in LITERALS if literal in data}
