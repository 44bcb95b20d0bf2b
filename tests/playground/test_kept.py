"""What is kept of an answer beside its text, and how it is shown."""

import json
import math
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from apps.accounts.models import Membership
from apps.playground.asking import gathered
from apps.playground.models import Reply
from apps.playground.showing import heatmap, json_view
from apps.providers import calls
from apps.providers.models import Connection
from apps.providers.types import TokenLogprob, ToolCallPiece
from tests.factories import make_connection
from tests.playground.site import Site, send, stored
from tests.providers.fake_server import KEY, FakeServer, chat_chunk

HOSTILE = "<script>alert(1)</script>"


def frozen(reply: Reply, **settings: Any) -> Reply:
    Reply.objects.filter(pk=reply.pk).update(settings={"system_prompt": "", **settings})
    return reply


def call(index: int = 0, **function: str) -> dict[str, Any]:
    return {"index": index, "id": f"call_{index}", "function": function}


def test_calls_are_put_together_and_shown_as_calls(
    client: Client, connection: Connection, provider: FakeServer, site: Site
) -> None:
    provider.tool_calls = [
        {"name": "tide", "arguments": '{"port": "Brest", "hours": 3}'},
        {"name": "wind", "arguments": '{"port": '},
    ]
    reply, _ = send(client, connection)
    foot = site.read(client, frozen(reply, tools=[{"type": "function"}])).foot
    kept = stored(reply)
    assert [each["name"] for each in kept.tool_calls] == ["tide", "wind"]
    assert json.loads(kept.tool_calls[0]["arguments"]) == {"port": "Brest", "hours": 3}
    assert kept.first_token_ms is not None
    assert "&quot;port&quot;: &quot;Brest&quot;,\n  &quot;hours&quot;: 3" in foot
    assert foot.count("The arguments are not valid JSON") == 1
    assert "to call a tool" in foot


def test_hostile_calls_are_text_and_bounded(
    client: Client, connection: Connection, provider: FakeServer, site: Site
) -> None:
    many = [call(n, name=HOSTILE, arguments="x" * 3_000) for n in range(120)]
    provider.chunks = [chat_chunk(choices=[{"delta": {"tool_calls": many}}]), chat_chunk("\x00")]
    reply, _ = send(client, connection)
    foot = site.read(client, reply).foot
    assert HOSTILE not in foot
    assert "Only the first calls are kept" in foot
    kept = stored(reply)
    assert kept.status == "complete"
    assert len(kept.tool_calls) == calls.MOST_CALLS
    assert HOSTILE not in client.get(reply.turn.conversation.get_absolute_url()).content.decode()


def test_no_more_is_kept_than_a_page_can_show() -> None:
    called, probabilities = calls.Calls(), gathered.Probabilities()
    called.add([ToolCallPiece(0, "id", "name", "x" * (calls.LONGEST_ARGUMENTS + 1))])
    called.add([ToolCallPiece(0, arguments="y"), ToolCallPiece(1, "id", "name", "z")])
    token = TokenLogprob("t" * 500, -math.inf, [("a", -1.0)] * 99)
    probabilities.add([token] * (gathered.MOST_TOKENS - 1))
    probabilities.add([token] * 10)
    assert [len(each["arguments"]) for each in called.as_json()] == [calls.LONGEST_ARGUMENTS, 0]
    kept = probabilities.as_json()
    assert len(kept) == gathered.MOST_TOKENS
    assert (len(kept[0][0]), len(kept[0][2])) == (100, 20)
    json.dumps(kept, allow_nan=False)


@pytest.mark.parametrize(
    ("text", "is_valid", "shown"),
    [
        (
            '{"a":1.10,"a":12345678901234567890}',
            True,
            '{\n  "a": 1.10,\n  "a": 12345678901234567890\n}',
        ),
        ('{"a":[],"b":"{,\\""}', True, '{\n  "a": [],\n  "b": "{,\\""\n}'),
        ('{"a": NaN}', False, '{"a": NaN}'),
        ("[" * 100_000, False, "[" * json_view.MOST_SHOWN),
        ('{"a": 1} and more', False, '{"a": 1} and more'),
    ],
)
def test_json_is_read_strictly_and_shown_as_it_was_written(
    text: str, is_valid: bool, shown: str
) -> None:
    view = json_view.read(text)
    assert (view.is_valid, view.shown) == (is_valid, shown)


def test_an_answer_in_json_says_whether_it_is_valid(
    client: Client, connection: Connection, provider: FakeServer, site: Site
) -> None:
    left, right = send(client, connection)
    wanted = {"type": "json_object"}
    assert "Valid JSON" in site.read(client, frozen(left, response_format=wanted)).foot
    provider.chunks = [chat_chunk("{oops")]
    foot = site.read(client, frozen(right, response_format=wanted)).foot
    assert "Not valid JSON" in foot
    assert "Valid JSON" not in foot


def test_probabilities_are_kept_and_shown_on_demand(
    client: Client, connection: Connection, provider: FakeServer, site: Site
) -> None:
    provider.reply = ["Aye", HOSTILE]
    reply, other = send(client, connection)
    foot = site.read(client, frozen(reply, top_logprobs=3)).foot
    kept = stored(reply)
    assert kept.logprobs is not None
    assert [token for token, *_rest in kept.logprobs] == provider.reply
    mean = sum(logprob for _token, logprob, _top in kept.logprobs) / 2
    assert kept.mean_logprob == pytest.approx(mean)
    assert f"{math.exp(-mean):.2f}" in foot
    address = reverse("playground:tokens", args=[reply.public_id])
    assert address in foot
    html = client.get(address).content.decode()
    assert "Aye?1" in html
    assert HOSTILE not in html
    assert "data-heatmap" not in site.read(client, other).foot
    assert client.get(reverse("playground:tokens", args=[other.public_id])).status_code == 404


@pytest.mark.parametrize(
    ("probability", "step", "percent"),
    [
        (1.0, "sure", "100"),
        (0.9999, "sure", "> 99.9"),
        (0.89, "likely", "89"),
        (0.3, "open", "30"),
        (0.1, "unlikely", "10"),
        (0.0001, "surprising", "< 0.1"),
    ],
)
def test_a_probability_is_sorted_into_a_step(probability: float, step: str, percent: str) -> None:
    assert (heatmap.step_of(probability), heatmap.percent(probability)) == (step, percent)


def test_a_server_that_miscounts_is_as_sure_as_can_be() -> None:
    (token,) = heatmap.tokens_of([["Aye", 900.0, [["Yes", 800.0]]]])
    assert (token.percent, token.alternatives) == ("100", '[["Yes", "100"]]')


def test_a_tuned_model_its_base_and_a_model_nobody_listed_have_their_own_prices(
    client: Client, provider: FakeServer, site: Site, owner: Membership
) -> None:
    openai = make_connection(
        workspace=owner.workspace, profile="openai", base_url=provider.url, key=KEY
    )
    tuned, base = send(
        client,
        openai,
        **{
            "column-0-model": "ft:gpt-4o-mini-2024-07-18:o:s:1",
            "column-1-model": "gpt-4o-mini-2024-07-18",
        },
    )
    foot = site.read(client, tuned).foot  # 7 tokens in at $0.30, 3 out at $1.20 per million
    assert stored(tuned).usd == Decimal("0.0000057")
    assert "$0.0000057" in foot
    site.read(client, base)  # $0.15 and $0.60
    assert stored(base).usd == Decimal("0.00000285")
    other, _base = send(client, openai, **{"column-0-model": "gpt-9"})
    foot = site.read(client, other).foot
    assert stored(other).usd is None
    assert "price unknown" in foot


def test_how_fast_it_wrote_leaves_out_the_wait() -> None:
    reply = Reply(completion_tokens=101, first_token_ms=1000, total_ms=3000)
    assert reply.tokens_per_second == 50
    assert Reply(completion_tokens=101, first_token_ms=5, total_ms=6).tokens_per_second is None
    assert Reply(completion_tokens=None, first_token_ms=1, total_ms=900).tokens_per_second is None
