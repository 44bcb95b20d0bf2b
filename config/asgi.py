"""The web entry. ASGI only, because pages stream and uploads arrive piece by piece."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup(set_prefix=False)

from apps.datasets.asgi import UploadHandler  # noqa: E402 (needs the apps)

application = UploadHandler()
