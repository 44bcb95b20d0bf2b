"""The same settings for the engine's own process: its URLs, and no pages, sessions or cookies."""

from config.settings import *  # noqa: F403

ROOT_URLCONF = "config.engine_urls"
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "apps.engine.middleware.request_id",
]
APPEND_SLASH = False
