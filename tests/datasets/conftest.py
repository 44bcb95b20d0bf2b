"""Bytes in, as the browser sends them."""

from collections.abc import Callable

import pytest
from django.urls import reverse

from apps.datasets.models import Version


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    """Each test sees only its own files."""
    settings.DATA_DIR = tmp_path


@pytest.fixture
def upload(client, django_capture_on_commit_callbacks) -> Callable[..., Version]:
    """Upload bytes, let the check run, and return the dataset."""

    def send(content: bytes, filename: str = "train.jsonl") -> Version:
        url = f"{reverse('datasets:upload')}?filename={filename}"
        with django_capture_on_commit_callbacks(execute=True):
            response = client.put(url, content, content_type="application/octet-stream")
        assert response.status_code == 201, response.content
        dataset_id, number = response.json()["url"].split("/")[-3:-1]
        return Version.objects.select_related("dataset").get(
            dataset__public_id=dataset_id, number=number
        )

    return send
