import numpy as np
import pytest

from apps.engine.tiny import embedding
from apps.engine.tiny.embedding import BLOCKS, embed
from apps.engine.tiny.generation import ChatModel
from apps.engine.tiny.model import ModelConfig, hidden_states, initial_parameters
from apps.engine.tiny.tokens import END_OF_TURN, PAD, USER

CONFIG = ModelConfig(width=16, layers=2, heads=2, context=32)


@pytest.fixture(scope="module")
def small():
    return ChatModel(initial_parameters(CONFIG, seed=4), CONFIG)


def mean_state(model, text):
    ids = np.array([[USER, *text.encode(), END_OF_TURN]])
    return hidden_states(CONFIG, model.parameters, ids, blocks=BLOCKS)[0].mean(0)


def test_a_vector_is_the_mean_of_each_byte_less_that_of_ordinary_texts(small, monkeypatch):
    monkeypatch.setattr(embedding, "ORDINARY", ("ab", "cd"))
    shared = (mean_state(small, "ab") + mean_state(small, "cd")) / 2
    expected = mean_state(small, "abc") - shared

    assert embed(small, ["abc"])[0] == pytest.approx(expected / np.linalg.norm(expected), abs=1e-4)


def test_padding_changes_nothing(small):
    ids = [USER, *b"abc", END_OF_TURN]
    alone = hidden_states(CONFIG, small.parameters, np.array([ids]), blocks=2)
    rows = np.array([[*ids, PAD, PAD], [PAD] * 7])
    padded = hidden_states(CONFIG, small.parameters, rows, blocks=2)

    assert padded[0, :5] == pytest.approx(alone[0], abs=1e-5)


@pytest.mark.parametrize("others", [["x"], ["x" * 200, "y" * 29, "z" * 30], [""] * 50])
def test_what_else_is_asked_for_changes_nothing(small, others):
    alone = embed(small, ["abc " * 20])[0]

    assert embed(small, [*others, "abc " * 20])[-1] == pytest.approx(alone, abs=1e-5)


def test_a_text_longer_than_the_context_is_read_to_its_end(small):
    beginning, longer = embed(small, ["a" * 30, "a" * 30 + "z" * 40])

    assert float(beginning @ longer) < 0.999


def test_an_empty_text_and_half_a_character_are_texts(small):
    vectors = embed(small, ["", "\ud800"])

    assert np.isfinite(vectors).all()
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1, 1])


def test_a_text_that_says_nothing_of_its_own_has_no_direction(small, monkeypatch):
    monkeypatch.setattr(embedding, "ORDINARY", ("abc",))

    assert np.abs(embed(small, ["abc"])).max() <= 1
