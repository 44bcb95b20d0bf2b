"""From bytes in to a report on the page."""

import json

import pytest
from django.urls import reverse

from apps.datasets.models import Dataset
from tests.factories import chat_file, chat_row


@pytest.fixture
def upload(client, django_capture_on_commit_callbacks):
    """Upload bytes as the browser does, let the check run, and return the dataset."""

    def send(content: bytes, filename: str = "train.jsonl") -> Dataset:
        url = f"{reverse('datasets:upload')}?filename={filename}"
        with django_capture_on_commit_callbacks(execute=True):
            response = client.put(url, content, content_type="application/octet-stream")
        assert response.status_code == 201, response.content
        return Dataset.objects.get(public_id=response.json()["url"].split("/")[-2])

    return send


def test_a_good_file_is_ready_for_training(client, upload):
    dataset = upload(chat_file(12))
    assert dataset.status == Dataset.Status.READY
    assert (dataset.row_count, dataset.format) == (12, "chat")
    page = client.get(dataset.get_absolute_url()).content.decode()
    assert "Ready for training" in page
    assert reverse("jobs:create") + f"?dataset={dataset.public_id}" in page


def test_every_bad_row_is_listed_with_row_path_reason_and_hint(client, upload):
    rows = [chat_row(str(n), "yes") for n in range(12)]
    rows[3]["messages"][2]["role"] = "asistant"
    rows[7]["messages"][1]["content"] = 7
    dataset = upload("\n".join(json.dumps(row) for row in rows).encode())
    assert (dataset.status, dataset.problem_row_count) == (Dataset.Status.INVALID, 2)
    page = client.get(reverse("datasets:problems", args=[dataset.public_id])).content.decode()
    assert "messages[2].role" in page
    assert "Did you mean “assistant”?" in page
    assert "messages[1].content" in page
    rows_page = client.get(reverse("datasets:rows", args=[dataset.public_id]) + "?row=4")
    assert "asistant" in rows_page.content.decode()
