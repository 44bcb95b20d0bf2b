"""Bytes in, as the browser sends them."""

from collections.abc import Callable

import pytest
from django.urls import reverse

from apps.datasets.models import Dataset


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    """Each test sees only its own files."""
    settings.DATA_DIR = tmp_path


@pytest.fixture
def upload(client, django_capture_on_commit_callbacks) -> Callable[..., Dataset]:
    """Upload bytes, let the check run, and return the dataset."""

    def send(content: bytes, filename: str = "train.jsonl") -> Dataset:
        url = f"{reverse('datasets:upload')}?filename={filename}"
        with django_capture_on_commit_callbacks(execute=True):
            response = client.put(url, content, content_type="application/octet-stream")
        assert response.status_code == 201, response.content
        return Dataset.objects.get(public_id=response.json()["url"].split("/")[-2])

    return send
