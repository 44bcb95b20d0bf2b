"""Two to four columns: opened, closed, and each with settings of its own."""

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from apps.accounts.models import Membership
from apps.playground.models import Column, Conversation, Reply
from apps.providers.models import Connection
from tests.factories import make_connection
from tests.playground.site import Site, asked, form, page, send, send_again
from tests.providers.fake_server import FakeServer

HTMX = {"HX-Request": "true"}
TOOLS = [{"type": "function", "function": {"name": "get_tide", "parameters": {"type": "object"}}}]


def column(connection: Connection, position: int, model: str, **own: str) -> dict[str, str]:
    """Return what one column of the page sends; with settings when it has its own."""
    prefix = f"column-{position}"
    chosen = {f"{prefix}-connection": str(connection.public_id), f"{prefix}-model": model}
    settings = {f"{prefix}-{name}": value for name, value in own.items()}
    return {**chosen, **settings, **({f"{prefix}-has_own_settings": "on"} if own else {})}


def test_up_to_four_models_answer_one_prompt(client: Client, connection: Connection) -> None:
    more = {**column(connection, 2, "third"), **column(connection, 3, "fourth")}
    replies = send(client, connection, **more)
    assert [reply.model for reply in replies] == ["base", "tuned", "third", "fourth"]
    html = page(client, replies[0].turn.conversation.get_absolute_url())
    assert html.count("data-column-head=") == html.count("data-stack>") == 4
    assert "Send to all 4" in html


def test_a_closed_column_keeps_what_it_has_answered(client: Client, connection: Connection) -> None:
    first = send(client, connection, **column(connection, 2, "third"))
    Reply.objects.update(status="stopped", finished_at=first[0].created_at, text="Kept words")
    conversation = first[0].turn.conversation
    data = form(connection, "More") | column(connection, 2, "third")
    data = {name: value for name, value in data.items() if not name.startswith("column-1")}
    client.post(reverse("playground:send", args=[conversation.public_id]), data)
    last = Reply.objects.filter(turn__position=1).order_by("column__position")
    assert [reply.model for reply in last] == ["base", "third"]
    assert list(Column.objects.order_by("position").values_list("is_open", flat=True)) == [
        True,
        False,
        True,
    ]
    html = page(client, conversation.get_absolute_url())
    assert html.count("Kept words") == 3
    assert html.count("data-column-head=") == 2
    assert "Send to both" in html


def test_one_column_is_no_comparison(client: Client, connection: Connection) -> None:
    alone = {name: text for name, text in form(connection).items() if "column-1" not in name}
    response = client.post(reverse("playground:create"), alone, headers=HTMX)
    assert response.status_code == 422
    assert "Keep at least two columns." in response.content.decode()
    assert not Conversation.objects.exists()


def test_with_names_hidden_each_model_is_asked_once(client: Client, connection: Connection) -> None:
    reply, _ = send(client, connection)
    Reply.objects.update(status="stopped", finished_at=reply.created_at)
    conversation = reply.turn.conversation
    client.post(reverse("playground:blind", args=[conversation.public_id]), {"is_blind": "on"})
    url = reverse("playground:send", args=[conversation.public_id])
    response = client.post(url, form(connection, samples="2"), headers=HTMX)
    assert response.status_code == 422
    assert "Names are hidden here: ask each model once" in response.content.decode()
    third = column(connection, 2, "third")
    assert client.post(url, form(connection) | third).status_code == 302


def test_another_column_asks_what_the_last_one_asks(client: Client, connection: Connection) -> None:
    both = column(connection, 0, "base") | column(connection, 2, "my-own")
    html = client.get(reverse("playground:column"), both).content.decode()
    assert 'data-column-head="3"' in html
    assert '<option value="my-own" selected>' in html
    last = {**both, **column(connection, 3, "last")}
    html = client.get(reverse("playground:column"), last).content.decode()
    assert 'data-column-head="1"' in html
    full = {**last, **column(connection, 1, "second")}
    assert client.get(reverse("playground:column"), full).status_code == 422


def test_a_new_conversation_begins_with_what_this_person_compared_last(
    client: Client, connection: Connection
) -> None:
    send(client, connection, **column(connection, 2, "third"))
    html = page(client, reverse("playground:create"))
    for model in ("base", "tuned", "third"):
        assert f'<option value="{model}" selected>' in html
    connection.delete()
    assert '<option value="base"' not in page(client, reverse("playground:create"))


def test_an_address_can_name_models(
    client: Client, connection: Connection, stranger: Membership
) -> None:
    theirs = make_connection(workspace=stranger.workspace)
    named = {
        "connection": [str(connection.public_id), str(theirs.public_id), "nonsense"],
        "model": ["gpt-a", "gpt-b", "gpt-c"],
    }
    html = client.get(reverse("playground:create"), named).content.decode()
    assert html.count('<option value="gpt-a" selected>') == 2
    assert 'value="gpt-b"' not in html


def test_a_column_with_its_own_settings_is_asked_with_them(
    client: Client, connection: Connection, provider: FakeServer, site: Site
) -> None:
    own = column(connection, 1, "tuned", system_prompt="Be rude.", temperature="0", seed="5")
    left, right = send(client, connection, system_prompt="Be kind.", temperature="1", **own)
    for reply in (left, right):
        site.read(client, reply)
    kind, rude = sorted(provider.requests, key=lambda seen: str(seen.json()["model"]))
    assert (asked(kind)[0]["content"], kind.json()["temperature"]) == ("Be kind.", 1)
    assert (asked(rude)[0]["content"], rude.json()["temperature"]) == ("Be rude.", 0)
    assert (kind.json().get("seed"), rude.json()["seed"]) == (None, 5)
    html = page(client, left.turn.conversation.get_absolute_url())
    assert 'name="column-1-system_prompt"' in html
    assert 'name="column-0-system_prompt"' not in html
    shared, _ = send_again(client, connection, left, "More", system_prompt="Be kind.")
    assert not Column.objects.filter(has_own_settings=True).exists()
    assert shared.settings == {"system_prompt": "Be kind."}


def test_every_parameter_is_frozen_with_the_answer_and_shown_again(
    client: Client, connection: Connection
) -> None:
    chosen = {
        "temperature": "0.5",
        "top_p": "0.9",
        "max_tokens": "50",
        "seed": "7",
        "stop": "\\n\\nUser:\r\n END\r\n\r\n",
        "response_format": "json_object",
        "tools": json.dumps(TOOLS),
        "top_logprobs": "0",
    }
    reply, _ = send(client, connection, system_prompt="Hi", **chosen)
    assert reply.settings == {
        "system_prompt": "Hi",
        "temperature": 0.5,
        "top_p": 0.9,
        "max_tokens": 50,
        "seed": 7,
        "stop": ["\n\nUser:", " END"],
        "response_format": {"type": "json_object"},
        "tools": TOOLS,
        "top_logprobs": 0,
    }
    html = page(client, reply.turn.conversation.get_absolute_url())
    assert "\\n\\nUser:\n END</textarea>" in html
    assert "&quot;name&quot;: &quot;get_tide&quot;" in html


def test_each_sample_has_a_seed_of_its_own(client: Client, connection: Connection) -> None:
    replies = send(client, connection, seed="40", samples="3")
    assert [reply.settings["seed"] for reply in replies] == [40, 41, 42] * 2
    html = page(client, replies[0].turn.conversation.get_absolute_url())
    assert html.count('role="tablist"') == 2
    assert html.count('role="tabpanel"') == 6
    assert '<option value="3" selected>' in html


def tool(**function: Any) -> str:
    return json.dumps([{"type": "function", "function": function}])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"top_logprobs": "21"}, "Alternatives per token: "),
        ({"seed": "-1"}, "Seed: "),
        ({"stop": "a\nb\nc\nd\ne"}, "Stop sequences: Write at most 4 stop sequences."),
        ({"samples": "9"}, "Ask each model for 1 to 8 answers."),
        ({"tools": '[\n{"type" "function"}]'}, "line 2, character 9: a colon is missing"),
        ({"tools": tool()}, "tools[0].function: The key “name” is missing."),
        ({"tools": tool(name="a b")}, "tools[0].function.name: “a b” is not a name"),
        ({"tools": tool(name="a", parametres={})}, "“parametres” does not belong here"),
        ({"tools": '{"type": "function"}'}, "Tools are a list"),
        ({"tools": '[{"a": NaN}]'}, "something that cannot be sent"),
        ({"tools": "[" * 5000}, "something that cannot be sent"),
        ({"response_format": "xml"}, "Answer as: "),
    ],
)
def test_settings_that_cannot_be_sent_are_said_with_their_place(
    client: Client, connection: Connection, change: dict[str, str], words: str
) -> None:
    create = reverse("playground:create")
    response = client.post(create, form(connection) | change, headers=HTMX)
    assert response.status_code == 422
    assert words in response.content.decode()
    if "samples" in change:
        return
    own = column(connection, 1, "tuned", **change)
    response = client.post(create, form(connection) | own, headers=HTMX)
    html = response.content.decode()
    assert "Column 2, " in html
    assert words in html
    off = {name: value for name, value in own.items() if "has_own" not in name}
    assert client.post(create, form(connection) | off).status_code == 302


def test_a_picker_tells_which_parameters_its_models_refuse(
    client: Client, owner: Membership, provider: FakeServer
) -> None:
    openai = make_connection(workspace=owner.workspace, profile="openai", base_url=provider.url)
    chosen = {"column-0-connection": str(openai.public_id), "column-0-typed_model": "o3-mini"}
    html = client.get(reverse("playground:models", args=[0]), chosen).content.decode()
    assert '<option value="o3-mini" selected>' in html
    assert "&quot;o3-mini&quot;: [&quot;logprobs&quot;, &quot;stop&quot;, &quot;temperature" in html
    chosen["column-0-typed_model"] = "davinci-002"
    html = client.get(reverse("playground:models", args=[0]), chosen).content.decode()
    assert 'data-legacy="[&quot;davinci-002&quot;]"' in html


def test_who_may_only_look_sees_the_settings(
    client: Client, viewer: Membership, client_of: Any, connection: Connection
) -> None:
    own = column(connection, 1, "tuned", system_prompt="Be rude.", stop="\\n")
    left, _ = send(client, connection, system_prompt="Be kind.", seed="7", **own)
    html = page(client_of(viewer), left.turn.conversation.get_absolute_url())
    for words in ("Be kind.", "Be rude.", "<dt>Seed:</dt>", '<dd class="break-all">\\n</dd>'):
        assert words in html
    assert "<textarea" not in html
    assert "data-close-column" not in html
