"""A receiver of webhooks, and jobs that end."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.notifications.receiver import Receiver


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    settings.ALLOW_PRIVATE_HOSTS = True  # it listens on this machine, which the guard refuses
    with Receiver() as running:
        yield running
