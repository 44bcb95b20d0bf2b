"""Make a token with which a script may use the engine."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.accounts import services
from apps.accounts.models import Membership, Role


class Command(BaseCommand):
    help = "Print a new token for the engine's OpenAI-compatible API. It is shown only here."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--name", required=True, help="what the token is for")

    def handle(self, *args: Any, **options: Any) -> None:
        owners = Membership.objects.filter(role=Role.OWNER).select_related("workspace")
        owner = owners.order_by("pk").first()
        if owner is None:
            raise CommandError("There is no owner yet. Run createowner first.")
        try:
            _, raw = services.issue_token(workspace=owner.workspace, name=options["name"])
        except ValidationError as exc:
            raise CommandError("\n".join(exc.messages)) from None
        self.stdout.write(raw)
