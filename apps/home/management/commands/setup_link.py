"""Print the one-time link of the first start."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.urls import reverse

from apps.accounts import services


class Command(BaseCommand):
    help = "Print a one-time set-up link; older ones end. Print nothing once there is an owner."

    def handle(self, *args: Any, **options: Any) -> None:
        if link := services.issue_setup_link():
            path = reverse("home:setup", args=[link])
            self.stdout.write(settings.PUBLIC_URL.rstrip("/") + path)
