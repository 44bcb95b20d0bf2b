"""The engine: an OpenAI-compatible server that trains and serves a small model."""

from django.apps import AppConfig


class EngineConfig(AppConfig):
    name = "apps.engine"

    def ready(self) -> None:
        from apps.engine import checks  # noqa: F401  (registers the start-up checks)
