"""Models that only continue a text: what the page says of them, and what ends their prompts."""

import json

import pytest
from django.test import Client
from django.urls import reverse

from apps.accounts.models import Membership
from apps.jobs.models import Job
from apps.providers.models import Connection
from tests.factories import make_connection, make_job, make_version
from tests.playground.site import Site, form, page, send, send_again
from tests.providers.fake_server import KEY, FakeServer


@pytest.fixture
def connection(owner: Membership, provider: FakeServer) -> Connection:
    """Return one whose profile knows which models complete prompts."""
    return make_connection(
        workspace=owner.workspace, profile="openai", base_url=provider.url, key=KEY
    )


@pytest.fixture
def job(owner: Membership, connection: Connection) -> Job:
    rows = [{"prompt": f"Ship {n}\n\n###\n\n", "completion": f" {n} knots END"} for n in range(9)]
    content = "".join(json.dumps(row) + "\n" for row in rows).encode()
    data = make_version(workspace=owner.workspace, content=content, format="prompt_completion")
    return make_job(
        workspace=owner.workspace,
        connection=connection,
        training_data=data,
        base_model="davinci-002",
        fine_tuned_model="ft:davinci-002:acme::x",
    )


def picker(client: Client, connection: Connection, model: str, **fields: str) -> str:
    chosen = {"column-0-connection": str(connection.public_id), "column-0-typed_model": model}
    url = reverse("playground:models", args=[0])
    return client.get(url, chosen | fields).content.decode()


def test_the_page_says_what_surrounds_the_prompts_of_such_a_model(
    client: Client, connection: Connection, job: Job
) -> None:
    html = picker(client, connection, "davinci-002", job=str(job.public_id))
    assert "This model continues a text" in html
    assert r"<code>\n\n###\n\n</code> follows your message." in html
    assert "Its answer ends at <code> END</code>." in html
    html = picker(client, connection, "davinci-002")  # nobody knows what it was trained on
    assert "This model continues a text" in html
    assert "follows your message" not in html
    assert "This model continues a text" not in picker(client, connection, "gpt-4.1-mini")


def test_another_jobs_data_says_nothing(
    client: Client, connection: Connection, stranger: Membership, job: Job
) -> None:
    job.workspace = stranger.workspace
    job.save(update_fields=["workspace"])
    html = picker(client, connection, "davinci-002", job=str(job.public_id))
    assert "follows your message" not in html


def test_a_separator_of_ones_own_goes_before_that_of_the_data(
    client: Client, connection: Connection, job: Job, provider: FakeServer, site: Site
) -> None:
    models = {"column-0-model": job.base_model, "column-1-model": "gpt-4.1-mini"}
    url = f"{reverse('playground:create')}?job={job.public_id}"
    fields = form(connection, "Ship 9", **models)
    create = client.post(url, fields)
    assert create.status_code == 302
    first = job.conversations.get().turns.get().replies.order_by("column__position").first()
    assert first
    site.read(client, first)
    assert provider.requests[-1].json()["prompt"] == "Ship 9\n\n###\n\n"
    other = job.conversations.get().turns.get().replies.order_by("column__position").last()
    assert other
    site.read(client, other)
    legacy, chat = send_again(
        client, connection, first, "Ship 10", separator=r" ->\n", stop="!", **models
    )
    site.read(client, legacy)
    assert provider.requests[-1].json()["prompt"] == "Ship 10 ->\n"
    assert provider.requests[-1].json()["stop"] == ["!"]
    site.read(client, chat)
    assert provider.requests[-1].json()["messages"][-1]["content"] == "Ship 10"
    html = page(client, legacy.turn.conversation.get_absolute_url())
    assert r'value=" -&gt;\n"' in html


def test_a_separator_has_its_length(client: Client, connection: Connection) -> None:
    data = form(connection, separator="x" * 201)
    response = client.post(reverse("playground:create"), data, headers={"HX-Request": "true"})
    assert response.status_code == 422
    assert "Prompt separator: A separator has at most 200" in response.content.decode()


def test_each_column_may_have_its_own_separator(client: Client, connection: Connection) -> None:
    own = {"column-1-has_own_settings": "on", "column-1-separator": r"\t"}
    left, right = send(client, connection, separator=r"\n", **own)
    assert [reply.settings["separator"] for reply in (left, right)] == ["\n", "\t"]
