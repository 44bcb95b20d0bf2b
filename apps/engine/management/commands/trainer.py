"""`manage.py trainer`: trains the engine's jobs until stopped."""

from typing import Any

from django.core.management.base import BaseCommand

from apps.engine.trainer.supervisor import Trainer


class Command(BaseCommand):
    help = "Train the engine's fine-tuning jobs, one at a time, until stopped."
    requires_system_checks: list[str] = []  # they would load every page

    def handle(self, *args: Any, **options: Any) -> None:
        Trainer().run()
