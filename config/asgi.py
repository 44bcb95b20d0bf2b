"""The web entry. ASGI only, because pages stream and uploads arrive piece by piece."""

import os
from threading import Thread

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup(set_prefix=False)

from apps.core.unchanged import Unchanged  # noqa: E402 (needs the apps)
from apps.datasets.uploads.asgi import UploadHandler  # noqa: E402 (needs the apps)
from apps.providers.adapters.openai.client import warm_up  # noqa: E402 (needs the apps)
from config import garbage  # noqa: E402 (after Django)


def _get_ready() -> None:
    """Load the SDK, a third of a second, now: not while the first reader waits for a reply."""
    warm_up()
    garbage.look_for_it_seldom()


Thread(target=_get_ready, name="warm-up", daemon=True).start()

application = Unchanged(UploadHandler())
