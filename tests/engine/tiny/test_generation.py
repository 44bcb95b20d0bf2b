import numpy as np
import pytest

from apps.engine.tiny.generation import (
    ChatModel,
    Sampling,
    choose_token,
    describe_choice,
    keep_most_likely,
)
from apps.engine.tiny.model import Batch, ModelConfig, evaluate, initial_parameters
from apps.engine.tiny.tokens import (
    ASSISTANT,
    END_OF_TURN,
    VOCABULARY_SIZE,
    PromptTooLong,
    encode_prompt,
)
from apps.engine.tiny.utf8 import Utf8Guard
from apps.engine.tiny.weights import BASE_WEIGHTS

HELLO = [{"role": "user", "content": "Hello"}]


@pytest.fixture(scope="module")
def untrained():
    """A model that writes noise: every byte, rarely the end of a turn."""
    return ChatModel(initial_parameters(ModelConfig(), seed=4))


def scripted(text):
    """Return a model without layers in which each position stands for the token to write."""
    config = ModelConfig(width=VOCABULARY_SIZE, layers=0, heads=1)
    parameters = {
        "embedding": np.eye(VOCABULARY_SIZE, dtype=np.float32),
        "positions": np.zeros((config.context, VOCABULARY_SIZE), np.float32),
        "final_norm": np.ones(VOCABULARY_SIZE, np.float32),
    }
    start = len(encode_prompt(HELLO, config.context).ids) - 1
    for offset, token in enumerate([*text.encode(), END_OF_TURN]):
        parameters["positions"][start + offset, token] = 100
    return ChatModel(parameters, config)


def test_the_same_seed_gives_the_same_answer(untrained):
    first, again, other = (
        untrained.reply(HELLO, Sampling(seed=seed, max_tokens=40)).text() for seed in (1, 1, 2)
    )

    assert first == again != other


def test_temperature_0_needs_no_seed(untrained):
    answers = {untrained.reply(HELLO, Sampling(temperature=0, max_tokens=20)).text() for _ in "ab"}

    assert len(answers) == 1


def test_pieces_are_whole_characters():
    text = "Grüße, 你好 👍!"

    assert list(scripted(text).reply(HELLO, Sampling(temperature=0))) == list(text)


@pytest.mark.parametrize("seed", range(6))
def test_noise_never_becomes_broken_text(untrained, seed):
    reply = untrained.reply(HELLO, Sampling(temperature=2, seed=seed, max_tokens=120))

    for piece in reply:
        assert piece.encode("utf-8").decode("utf-8") == piece != ""
        assert "\ufffd" not in piece


def test_a_character_cut_by_the_limit_is_left_out():
    reply = scripted("a你好").reply(HELLO, Sampling(temperature=0, max_tokens=5))

    assert reply.text() == "a你"
    assert (reply.finish_reason, reply.completion_tokens) == ("length", 5)


def test_an_answer_ends_with_the_turn():
    reply = scripted("Yes.").reply(HELLO, Sampling(temperature=0))

    assert reply.finish_reason is None
    assert reply.text() == "Yes."
    assert (reply.finish_reason, reply.completion_tokens) == ("stop", 4)
    assert reply.prompt_tokens == len(HELLO[0]["content"]) + 3


@pytest.mark.parametrize(
    ("stop", "expected"),
    [(("END",), "one EN two "), (("two", "END"), "one EN "), (("o",), ""), (("absent",), None)],
)
def test_nothing_of_a_stop_string_is_shown(stop, expected):
    text = "one EN two END three"
    reply = scripted(text).reply(HELLO, Sampling(temperature=0, stop=stop))

    assert reply.text() == (text if expected is None else expected)
    assert reply.finish_reason == "stop"


def test_the_start_of_a_stop_string_is_shown_when_the_rest_never_comes():
    reply = scripted("the EN").reply(HELLO, Sampling(temperature=0, stop=("END",)))

    assert reply.text() == "the EN"


def test_an_answer_ends_where_the_context_ends(untrained):
    untrained.parameters["embedding"][END_OF_TURN] = 0
    long_prompt = [{"role": "user", "content": "x" * 400}]

    reply = untrained.reply(long_prompt, Sampling(seed=1, temperature=0.01))
    reply.text()

    assert reply.finish_reason == "length"
    assert reply.prompt_tokens + reply.completion_tokens == 512


def test_too_long_a_prompt_is_refused_before_the_first_piece(untrained):
    with pytest.raises(PromptTooLong):
        untrained.reply([{"role": "user", "content": "x" * 600}])


def test_reading_step_by_step_agrees_with_reading_at_once():
    model = ChatModel.load(BASE_WEIGHTS)
    reply = model.reply(HELLO, Sampling(temperature=0, max_tokens=12))
    written = [byte for piece in reply for byte in piece.encode()]
    ids = np.array([encode_prompt(HELLO, 512).ids + written])
    answer = np.zeros((1, ids.size - 1), np.float32)
    answer[0, -len(written) :] = 1
    batch = Batch(ids[:, :-1], ids[:, 1:], answer)

    assert len(written) > 0
    assert evaluate(model.config, model.parameters, batch).accuracy == 1


@pytest.mark.parametrize("wished", [ASSISTANT, 0x80, 0xC0, 0xFF])
def test_marks_of_speakers_and_broken_bytes_are_never_written(wished):
    logits = np.zeros(VOCABULARY_SIZE, np.float32)
    logits[wished] = 50
    random = np.random.default_rng(0)

    assert choose_token(logits, Utf8Guard().allowed, Sampling(temperature=0), random) != wished


@pytest.mark.parametrize("character", "aé߿ࠀ中퟿\ue000￿👍\U0010ffff")
def test_every_character_may_be_written_and_only_whole(character):
    guard = Utf8Guard()
    may_end = []

    for byte in character.encode():
        assert guard.allowed[byte]
        guard.push(byte)
        may_end.append(bool(guard.allowed[END_OF_TURN]))

    assert may_end == [False] * (len(may_end) - 1) + [True]


@pytest.mark.parametrize(
    "broken", [b"\xc1\x80", b"\xe0\x80", b"\xed\xa0", b"\xf0\x80", b"\xf4\x90"]
)
def test_bytes_that_spell_no_character_are_not_allowed(broken):
    guard = Utf8Guard()
    allowed = []
    for byte in broken:
        allowed.append(bool(guard.allowed[byte]))
        guard.push(byte)

    assert not all(allowed)


def test_top_p_keeps_the_fewest_tokens_that_reach_it():
    probabilities = np.array([0.1, 0.5, 0.15, 0.25])

    np.testing.assert_allclose(keep_most_likely(probabilities.copy(), 0.7), [0, 2 / 3, 0, 1 / 3])
    np.testing.assert_allclose(keep_most_likely(probabilities.copy(), 0.0), [0, 1, 0, 0])
    np.testing.assert_allclose(keep_most_likely(probabilities.copy(), 1.0), probabilities)


def test_choices_are_told_with_the_text_that_they_wrote():
    reply = scripted("Grüße.").reply(HELLO, Sampling(temperature=0, alternatives=2))

    for piece in reply:
        told = reply.choices_of(piece)
        assert bytes(choice.token for choice in told).decode() == piece
        assert all(choice.top[0] == (choice.token, choice.logprob) for choice in told)


def test_choices_of_what_a_stop_string_cut_off_are_not_told():
    reply = scripted("the END").reply(HELLO, Sampling(temperature=0, alternatives=0, stop=("END",)))

    text = reply.text()
    assert bytes(choice.token for choice in reply.choices_of(text)) == b"the "


def test_nothing_is_noted_unless_it_is_asked_for(untrained):
    reply = untrained.reply(HELLO, Sampling(temperature=0, max_tokens=5))

    assert reply.choices_of(reply.text()) == []


def test_probabilities_are_those_of_the_allowed_tokens():
    logits = np.log(np.array([0.5, 0.3, 0.2]))
    logits[0] = -np.inf
    choice = describe_choice(logits, 2, 5)

    assert np.exp(choice.logprob) == pytest.approx(0.4)
    assert [token for token, _ in choice.top] == [1, 2]
    assert [np.exp(logprob) for _, logprob in choice.top] == pytest.approx([0.6, 0.4])


def test_a_text_is_gone_on_with_where_it_ends(untrained):
    with pytest.raises(PromptTooLong, match="at most 512 bytes"):
        untrained.complete("x" * 511)
    nearly_full = untrained.complete("x" * 510, Sampling(seed=1))
    nearly_full.text()

    assert (nearly_full.prompt_tokens, nearly_full.completion_tokens) == (511, 1)
