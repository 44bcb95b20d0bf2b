"""The engine's entry: the OpenAI-compatible server under /v1."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings_engine")
application = get_asgi_application()
