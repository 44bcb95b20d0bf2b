import pytest

from apps.engine.tiny.tokens import (
    ASSISTANT,
    END_OF_TURN,
    SYSTEM,
    USER,
    PromptTooLong,
    UnreadableConversation,
    decode,
    encode_conversation,
    encode_prompt,
)

QUESTION = {"role": "user", "content": "2+2?"}
ANSWER = {"role": "assistant", "content": "4"}


def learned_text(row):
    counted = [token for token, weight in zip(row.ids, row.weights, strict=True) if weight]
    return decode(counted), counted.count(END_OF_TURN)


def test_a_conversation_is_marks_bytes_and_ends_of_turn():
    row = encode_conversation([{"role": "system", "content": "S"}, QUESTION, ANSWER], 512)

    assert list(row.ids) == [
        *(SYSTEM, ord("S"), END_OF_TURN),
        *(USER, *b"2+2?", END_OF_TURN),
        *(ASSISTANT, ord("4"), END_OF_TURN),
    ]
    assert not row.was_shortened


def test_only_assistant_turns_and_their_ends_are_learned():
    row = encode_conversation([QUESTION, ANSWER, QUESTION, {**ANSWER, "content": "vier"}], 512)

    assert learned_text(row) == ("4vier", 2)


def test_an_assistant_turn_of_weight_0_is_read_but_not_learned():
    row = encode_conversation([QUESTION, {**ANSWER, "weight": 0}, QUESTION, ANSWER], 512)

    assert learned_text(row) == ("4", 1)
    assert decode(row.ids) == "2+2?42+2?4"


def test_developer_messages_are_system_messages_and_text_parts_are_joined():
    parts = [{"type": "text", "text": "Be "}, {"type": "text", "text": "brief."}]

    row = encode_conversation([{"role": "developer", "content": parts}, ANSWER], 512)

    assert row.ids[0] == SYSTEM
    assert decode(row.ids) == "Be brief.4"


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ({"role": "tool", "content": "x"}, "messages[1]: this model reads the roles"),
        ({"role": "function", "content": "x"}, "not 'function'"),
        ({"content": "x"}, "not None"),
        ({"role": "user", "content": None}, "messages[1]: this model reads text only"),
        ({"role": "user", "content": [{"type": "image_url"}]}, "reads text only"),
        ({"role": "user"}, "reads text only"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(message, words):
    with pytest.raises(UnreadableConversation) as refused:
        encode_conversation([ANSWER, message], 512)

    assert words in str(refused.value)


def test_a_long_row_loses_its_oldest_turns_but_never_the_system_turn():
    system = {"role": "system", "content": "Stay."}
    old = {"role": "user", "content": "old " * 10}

    row = encode_conversation([system, old, ANSWER, QUESTION, ANSWER], context=24)

    assert decode(row.ids) == "Stay.42+2?4"
    assert row.was_shortened


def test_a_row_that_is_still_too_long_is_cut_at_the_end():
    long_answer = {"role": "assistant", "content": "a" * 600}

    row = encode_conversation([QUESTION, long_answer], context=512)

    assert len(row.ids) == len(row.weights) == 512
    assert row.ids[-1] == ord("a")
    assert row.was_shortened


def test_lone_surrogates_do_not_stop_the_encoding():
    assert decode(encode_conversation([{"role": "user", "content": "a\ud800b"}], 512).ids) == "a?b"


def test_a_prompt_ends_where_the_answer_begins():
    prompt = encode_prompt([QUESTION], context=512)

    assert prompt.ids == [USER, *b"2+2?", END_OF_TURN, ASSISTANT]


def test_a_long_prompt_loses_old_turns_and_keeps_room_for_the_answer():
    old = {"role": "user", "content": "old " * 20}

    prompt = encode_prompt([old, ANSWER, QUESTION], context=64, reserve=40)

    assert decode(prompt.ids) == "42+2?"
    assert prompt.was_shortened
    assert len(prompt.ids) <= 64 - 40


def test_a_last_message_that_cannot_fit_is_refused_with_the_numbers():
    with pytest.raises(PromptTooLong, match=r"at most 512 bytes .* take 602"):
        encode_prompt([{"role": "user", "content": "x" * 600}], context=512)
