"""What is sent for a reply: frozen settings, fitted to its model, after what was said before."""

from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import Membership
from apps.library.asking import separators
from apps.playground.models import Reply, Turn
from apps.providers.models import Connection
from tests.factories import make_connection, make_job, make_tuned_model, make_version
from tests.playground.site import Site, asked, send, send_again, stored
from tests.providers.fake_server import KEY, FakeServer

CHAT = ("POST", "/v1/chat/completions")
EARLIER = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Ahoy"}]


@pytest.fixture
def openai(owner: Membership, provider: FakeServer) -> Connection:
    """A connection of whose models is known what they refuse."""
    return make_connection(
        workspace=owner.workspace, profile="openai", base_url=provider.url, key=KEY
    )


def frozen(reply: Reply, **settings: Any) -> Reply:
    Reply.objects.filter(pk=reply.pk).update(settings=settings)
    return reply


def test_what_was_frozen_is_sent_whatever_the_conversation_says_now(
    client: Client, connection: Connection, provider: FakeServer, site: Site
) -> None:
    reply, _ = send(client, connection)
    frozen(
        reply,
        system_prompt="Be brief.",
        temperature=0.3,
        seed=7,
        stop=["\n"],
        response_format={"type": "json_object"},
        top_logprobs=2,
    )
    site.read(client, reply)
    body = provider.requests[-1].json()
    assert body["messages"][0] == {"role": "system", "content": "Be brief."}
    assert (body["temperature"], body["seed"], body["stop"]) == (0.3, 7, ["\n"])
    assert body["response_format"] == {"type": "json_object"}
    assert (body["logprobs"], body["top_logprobs"]) == (True, 2)


def test_what_the_model_refuses_is_not_sent_and_named(
    client: Client, openai: Connection, provider: FakeServer, site: Site
) -> None:
    reply, other = send(client, openai, **{"column-0-model": "o3-mini"})
    for each in (reply, other):
        frozen(each, system_prompt="", temperature=0.3, seed=7)
    foot = site.read(client, reply).foot
    assert "Not sent, this model refuses it: temperature" in foot
    assert "temperature" not in provider.requests[-1].json()
    assert provider.requests[-1].json()["seed"] == 7
    assert "Not sent" not in site.read(client, other).foot
    assert provider.requests[-1].json()["temperature"] == 0.3


def test_the_messages_of_a_row_stand_before_its_question(
    client: Client, connection: Connection, provider: FakeServer, site: Site
) -> None:
    reply, _ = send(client, connection, "When?")
    Turn.objects.update(context=EARLIER)
    site.read(client, reply)
    assert asked(provider.requests[-1]) == [*EARLIER, {"role": "user", "content": "When?"}]


def test_a_fresh_prompt_forgets_what_was_before_and_so_does_what_follows(
    client: Client, connection: Connection, provider: FakeServer, site: Site
) -> None:
    texts = []
    reply, other = send(client, connection, "One")
    for text, is_fresh in (("Two", True), ("Three", False)):
        for each in (reply, other):
            site.read(client, each)
        reply, other = send_again(client, connection, reply, text)
        Turn.objects.filter(pk=reply.turn_id).update(is_fresh=is_fresh)
        site.read(client, reply)
        texts.append([each["content"] for each in asked(provider.requests[-1])])
    assert texts == [["Two"], ["Two", "Hello!", "Three"]]


def test_each_sample_remembers_its_own_answers(
    client: Client, connection: Connection, provider: FakeServer, site: Site
) -> None:
    first, *_rest = send(client, connection, "One", samples="2")
    provider.says = lambda body: f"I am {body['model']} {provider.count(*CHAT)}"
    answers = Reply.objects.filter(turn=first.turn_id, column=first.column_id).order_by("sample")
    site.read_turn(client, [first])
    told = {each.sample: each.text for each in answers}
    later, *_rest = send_again(client, connection, first, "Two", samples="3")
    site.read_turn(client, [later])
    mine = [each for each in provider.requests if each.json()["model"] == "base"][-3:]
    remembered = [asked(each)[1]["content"] for each in mine]
    assert sorted(remembered) == sorted([told[0], told[1], told[0]])  # the third had none
    assert len(set(told.values())) == 2


def test_a_model_that_completes_gets_a_prompt_that_ends_as_its_training_data(
    client: Client, openai: Connection, provider: FakeServer, site: Site, owner: Membership
) -> None:
    rows = [(f"Ship {n}\n\n###\n\n", f" goes {n} knots END") for n in range(20)]
    content = "".join(f'{{"prompt": {_q(p)}, "completion": {_q(c)}}}\n' for p, c in rows)
    data = make_version(
        workspace=owner.workspace, format="prompt_completion", content=content.encode()
    )
    job = make_job(workspace=owner.workspace, connection=openai, training_data=data)
    tuned = make_tuned_model(
        workspace=owner.workspace, connection=openai, job=job, name="ft:davinci-002:o:s:1"
    )
    left, right = send(
        client, openai, "Ship 9", **{"column-0-model": tuned.name, "column-1-model": "davinci-002"}
    )
    frozen(left, system_prompt="", temperature=0.5, tools=[{"type": "function"}])
    provider.reply = [" goes", " 4", " knots", " END", " and on"]
    seen = site.read(client, left)
    request = provider.requests[-1]
    assert request.path.endswith("/v1/completions")
    assert request.json()["prompt"] == "Ship 9\n\n###\n\n"
    assert (request.json()["stop"], request.json()["temperature"]) == ([" END"], 0.5)
    assert seen.text == " goes 4 knots"
    assert "refuses it: tools" in seen.foot
    site.read(client, right)  # nobody knows what this one was trained on
    assert provider.requests[-1].json()["prompt"] == "Ship 9"


@pytest.mark.parametrize(
    ("prompts", "separator"),
    [
        (["One ->", "Two ->"], " ->"),
        (["One\n\n###\n\n", "Two\n\n###\n\n"], "\n\n###\n\n"),
        (["One?\nAnswer:", "Two!\nAnswer:"], "\nAnswer:"),
        (["One?", "Two?"], ""),  # questions share their mark without its being a separator
        (["cats", "dogs"], ""),
        (["One ->", "One ->"], ""),  # of one text nobody can tell
        ([], ""),
    ],
)
def test_a_separator_is_what_all_prompts_end_with(prompts: list[str], separator: str) -> None:
    assert separators.separator_in(prompts) == separator


@pytest.mark.parametrize(
    ("completions", "stop"),
    [
        ([" yes END", " no END"], " END"),
        ([" yes\n", " no\n"], "\n"),
        ([" one\ntwo\n", " no\n"], ""),  # it would end the answer too soon
        ([" cats", " dogs"], ""),
    ],
)
def test_a_stop_sequence_ends_all_completions_and_stands_nowhere_else(
    completions: list[str], stop: str
) -> None:
    assert separators.stop_in(completions) == stop


def _q(text: str) -> str:
    return '"' + text.replace("\n", "\\n") + '"'


def test_a_deployment_is_known_by_the_tuned_model_behind_it(
    client: Client, provider: FakeServer, site: Site, owner: Membership
) -> None:
    azure = make_connection(
        workspace=owner.workspace, profile="azure", base_url=provider.url, key=KEY
    )
    tuned = make_tuned_model(workspace=owner.workspace, connection=azure, name="gpt-4o.ft-1")
    tuned.deployments.create(workspace=owner.workspace, name="d", model="harbour", status="active")
    provider.chunks = [{"model": "gpt-4o.ft-1", "choices": [{"delta": {"content": "Hi"}}]}]
    reply, other = send(client, azure, **{"column-0-model": "harbour", "column-1-model": "another"})
    foot = site.read(client, reply).foot
    assert stored(reply).known_as == "gpt-4o.ft-1"
    assert "Another model answered" not in foot
    assert "Another model answered" in site.read(client, other).foot


def test_each_column_remembers_its_own_answers(
    client: Client, connection: Connection, provider: FakeServer, site: Site
) -> None:
    left, right = send(client, connection, "Who are you?", system_prompt="Be kind.")
    for reply, words in ((left, "I am left."), (right, "I am right.")):
        provider.reply = [words]
        site.read(client, reply)
    left, _ = send_again(client, connection, left, "Really?", system_prompt="Be kind.")
    site.read(client, left)
    assert asked(provider.requests[-1]) == [
        {"role": "system", "content": "Be kind."},
        {"role": "user", "content": "Who are you?"},
        {"role": "assistant", "content": "I am left."},
        {"role": "user", "content": "Really?"},
    ]


def test_a_turn_without_an_answer_is_left_out_of_the_history(
    client: Client, connection: Connection, provider: FakeServer, site: Site
) -> None:
    left, right = send(client, connection, "One")
    provider.break_next(*CHAT, status=500)
    site.read(client, left)
    site.read(client, right)
    left, _ = send_again(client, connection, left, "Two")
    site.read(client, left)
    assert asked(provider.requests[-1]) == [{"role": "user", "content": "Two"}]


def test_empty_parameters_are_not_sent_and_chosen_ones_are(
    client: Client, connection: Connection, provider: FakeServer, site: Site
) -> None:
    reply, other = send(client, connection)
    site.read(client, reply)
    assert {"temperature", "top_p", "max_tokens"}.isdisjoint(provider.requests[-1].json())
    site.read(client, other)
    chosen = {"temperature": "0", "top_p": "0.5", "max_tokens": "9"}
    reply, _ = send_again(client, connection, reply, "More", **chosen)
    site.read(client, reply)
    body = provider.requests[-1].json()
    assert (body["temperature"], body["top_p"], body["max_tokens"]) == (0, 0.5, 9)
