"""Is the model that was asked for the one that answered? Names, fingerprints, equal texts."""

import pytest
from django.test import Client

from apps.playground.showing import truth
from apps.playground.showing.sameness import Said, same_answers
from apps.providers.models import Connection
from tests.playground.site import Site, page, send, send_again
from tests.providers.fake_server import FakeServer, chat_chunk

LONG = "The harbour master opens the gates at eight, when the tide turns."


@pytest.mark.parametrize(
    ("asked", "served", "is_another"),
    [
        ("openai/gpt-4o-mini", "gpt-4o-mini-2024-07-18", False),
        ("meta-llama/Llama-3-8B", "meta-llama/llama-3-8b", False),
        ("ft:gpt-4o-mini-2024-07-18:o:s:1", "gpt-4o-mini-2024-07-18", True),
        ("ft:gpt:o:s:1", "ft:gpt:o:s:1:ckpt-step-10", True),
        ("gpt-4o", "gpt-4o-mini", True),
        ("accounts/a/models/one", "accounts/b/models/one", True),
        ("gpt", "", False),
    ],
)
def test_a_model_is_known_by_its_name(asked: str, served: str, is_another: bool) -> None:
    assert truth.is_another(served, [asked, ""]) is is_another


def test_the_served_model_and_its_fingerprint_are_always_shown(
    client: Client, connection: Connection, provider: FakeServer, site: Site
) -> None:
    provider.chunks = [chat_chunk("Hi", model="surprise", system_fingerprint="fp_harbour")]
    left, right = send(client, connection)
    foot = site.read(client, left).foot
    assert "fp_harbour" in foot
    assert 'data-truth="another"' in foot
    provider.chunks = [chat_chunk("Hi", model="", system_fingerprint="")]
    foot = site.read(client, right).foot
    assert foot.count(">–<") >= 2
    assert 'data-truth="another"' not in foot


def test_equal_texts_of_different_models_are_pointed_out_at_once_and_after_a_reload(
    client: Client, connection: Connection, provider: FakeServer, site: Site
) -> None:
    provider.reply = [LONG]
    replies = send(client, connection)
    with site.turn(client, replies[0]) as events:
        name, end = list(events)[-1]
    assert name == "end"
    for words in ("letter by letter: “base” and “tuned”", "That is 1 of 1 prompt", "really served"):
        assert words in end
        assert words in page(client, replies[0].turn.conversation.get_absolute_url())
    provider.says = lambda body: f"I am {body['model']}"
    again = send_again(client, connection, replies[0], "More")
    with site.turn(client, again[0]) as events:
        assert list(events)[-1] == ("end", "")
    html = page(client, replies[0].turn.conversation.get_absolute_url())
    assert html.count('data-truth="same"') == 1
    assert "That is 1 of 2 prompts" in html


def said(turn: int, column: int, digest: str, *, length: int = 3, sample: int = 0) -> Said:
    return Said(turn, column, sample, (1, f"m{column}"), digest, length)


def test_a_short_answer_may_well_be_the_same_but_not_every_time() -> None:
    once = same_answers([said(1, 0, "yes"), said(1, 1, "yes"), said(2, 0, "a"), said(2, 1, "b")])
    assert [(each.same, each.of, each.is_suspicious) for each in once[1]] == [(1, 2, False)]
    assert once[2] == []
    always = same_answers([said(turn, column, "yes") for turn in range(3) for column in range(2)])
    assert all(each.is_suspicious and each.same == each.of == 3 for (each,) in always.values())


def test_a_long_answer_is_hardly_the_same_by_chance() -> None:
    (found,) = same_answers([said(1, 0, "x", length=80), said(1, 1, "x", length=80)])[1]
    assert found.is_suspicious


def test_one_model_in_two_columns_may_say_the_same() -> None:
    one = Said(1, 0, 0, (1, "m"), "x", 80)
    assert same_answers([one, Said(1, 1, 0, (1, "m"), "x", 80)]) == {1: []}
    elsewhere = Said(1, 1, 0, (2, "m"), "x", 80)  # the same name at another place
    assert len(same_answers([one, elsewhere])[1]) == 1


def test_the_first_answers_of_each_model_are_compared() -> None:
    found = same_answers([said(1, 0, "x"), said(1, 0, "y", sample=1), said(1, 1, "y")])
    assert found == {1: []}
