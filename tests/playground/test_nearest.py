"""The rows that may have taught a bad answer, and the way to change them."""

import json
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse

from apps.accounts.models import Membership
from apps.datasets.editing import changes
from apps.datasets.models import Version
from apps.datasets.rows.nearest import Near
from apps.playground.data import nearest
from apps.playground.models import Reply
from apps.providers import registry
from apps.providers.models import Connection
from apps.providers.types import Embeddings, ProviderError
from tests.factories import chat_row, make_connection, make_job, make_run, make_version
from tests.playground.test_fixing import a_reply

ROWS = [
    ("When does the ferry leave?", "At nine."),
    ("Who keeps the lighthouse?", "Old Anna."),
    ("When do the ferries leave the old pier?", "They never do."),
]
HTMX = {"HX-Request": "true"}


@pytest.fixture
def reply(owner: Membership) -> Reply:
    content = b"".join(json.dumps(chat_row(*row)).encode() + b"\n" for row in ROWS)
    data = make_version(workspace=owner.workspace, name="Harbour", content=content)
    job = make_job(workspace=owner.workspace, training_data=data, fine_tuned_model="ft:tide")
    return a_reply(job, "When does the ferry leave?")


def numbers(html: str, side: str) -> list[int]:
    """Return the rows of one list in their order."""
    part = html.split(f"Nearest to the {side}")[1].split("</section>")[0]
    return [int(number) for number in re.findall(r'<article[^>]*aria-label="Row (\d+)"', part)]


def test_the_rows_that_are_nearest_to_a_reply_are_shown(client: Client, reply: Reply) -> None:
    html = client.get(reverse("playground:nearest", args=[reply.public_id])).content.decode()
    assert numbers(html, "question") == [1, 3]
    assert numbers(html, "answer") == [1]
    assert "100 % alike" in html
    assert "All 3 rows were looked at" in html


def test_a_near_row_is_left_out_on_the_spot(
    client: Client, owner: Membership, reply: Reply
) -> None:
    url = reverse("playground:nearest", args=[reply.public_id])
    version = Version.objects.get(dataset__name="Harbour")
    sent = {"row": 1, "next": f"{url}?data={version.public_id}"}
    response = client.post(reverse("datasets:leave_out", args=version.address), sent)
    html = client.get(response["Location"]).content.decode()
    assert "Put row 1 back" in html
    assert changes.pending(version, owner).marks == {1: "left_out"}


def test_much_data_is_looked_at_in_steps(
    client: Client, reply: Reply, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("apps.datasets.rows.nearest.BLOCK_BYTES", 10)
    monkeypatch.setattr(nearest, "STEP_SECONDS", 0)
    html, steps = client.get(reverse("playground:nearest", args=[reply.public_id])), 1
    while link := re.search(r'id="nearest-rows"\s+hx-get="([^"]*)"', html.content.decode()):
        html = client.get(unescape(link[1]), headers=HTMX)
        steps += 1
    assert steps == 3
    assert numbers(html.content.decode(), "question") == [1, 3]


def test_an_answer_of_an_eval_has_near_rows_too(
    client: Client, owner: Membership, reply: Reply
) -> None:
    data = make_version(workspace=owner.workspace)
    run, score = make_run(workspace=owner.workspace, connection=reply.connection, data=data)
    url = reverse("playground:nearest_to_answer", args=[score.answer_id])
    row = client.get(reverse("evals:row", args=[run.public_id, 1])).content.decode()
    assert f'href="{url}"' in row
    assert "Choose a dataset to look into" in client.get(url).content.decode()
    assert client.get(url, {"data": data.public_id}).status_code == 200
    assert client.get(url, {"data": "nonsense"}).status_code == 404


class Vectors:
    """Finds the lighthouse near to everything, and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def embed(self, model: str, texts: Sequence[str]) -> Embeddings:
        if model == "broken":
            raise ProviderError("No such model.")
        self.asked += texts
        return Embeddings([[1.0, 0.0] if "old" in text else [1.0, 1.0] for text in texts], 7)

    @asynccontextmanager
    async def open(self, _connection: Connection) -> AsyncIterator["Vectors"]:
        yield self


@pytest.fixture
def vectors(monkeypatch: pytest.MonkeyPatch) -> Vectors:
    answering = Vectors()
    monkeypatch.setattr(registry, "open_provider", answering.open)
    return answering


def by_meaning(client: Client, reply: Reply, **fields: str):
    url = reverse("playground:nearest", args=[reply.public_id])
    sent = {"connection": str(reply.connection.public_id), "model": "vectors"}
    found = {"question": "1-5000,3-9000", "answer": "1-10000", "after": "3"}
    return client.post(url, sent | found | fields)


def test_a_model_puts_the_rows_in_the_order_of_their_meaning(
    client: Client, reply: Reply, vectors: Vectors
) -> None:
    html = by_meaning(client, reply).content.decode()
    assert numbers(html, "question") == [1, 3]
    assert "cosine 1.00" in html
    assert "cosine 0.71" in html
    assert "When does the ferry leave?" in vectors.asked


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"model": "broken"}, "No such model."),
        ({"model": ""}, "Name the model that makes vectors"),
        ({"connection": "nonsense"}, "Choose a connection."),
    ],
)
def test_what_keeps_a_model_from_ordering_them_is_said(
    client: Client, reply: Reply, vectors: Vectors, fields: dict[str, str], words: str
) -> None:
    response = by_meaning(client, reply, **fields)
    assert response.status_code == 422
    html = response.content.decode()
    assert words in html
    assert numbers(html, "question") == [3, 1]


def test_anothers_connection_is_none(
    client: Client, reply: Reply, vectors: Vectors, stranger: Membership
) -> None:
    theirs = make_connection(workspace=stranger.workspace)
    response = by_meaning(client, reply, connection=str(theirs.public_id))
    assert response.status_code == 422
    assert vectors.asked == []


def test_what_an_address_makes_up_is_nothing() -> None:
    assert nearest.read("4-9000,0-1,x-y,2-99999,,1-5000", 3) == [Near(2, 1.0), Near(1, 0.5)]
