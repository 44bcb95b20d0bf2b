"""The engine's entry: the OpenAI-compatible server under /v1."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings_engine")
# Answers are written side by side; with more threads for each they wait for one another.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
django_application = get_asgi_application()

from apps.engine.body_limit import limit_bodies  # noqa: E402  (needs Django set up)

application = limit_bodies(django_application)
