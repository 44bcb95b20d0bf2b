"""Let a further person in. Registration is closed, so this is how people come."""

import sys
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.accounts import services
from apps.accounts.models import Membership, Role


class Command(BaseCommand):
    help = "Add a person to the owner's workspace, with a role."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--username", required=True)
        parser.add_argument("--role", choices=Role.values, default=Role.EDITOR.value)
        parser.add_argument("--email", default="")
        parser.add_argument(
            "--password-stdin",
            action="store_true",
            required=True,
            help="read the password from standard input, so that no process list shows it",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        owner = Membership.objects.filter(role=Role.OWNER).order_by("pk").first()
        if owner is None:
            raise CommandError("Nobody owns this installation yet: run createowner first.")
        try:
            added = services.add_member(
                workspace=owner.workspace,
                username=options["username"],
                password=sys.stdin.readline().rstrip("\r\n"),
                role=Role(options["role"]),
                email=options["email"],
            )
        except ValidationError as exc:
            raise CommandError("\n".join(exc.messages)) from None
        self.stdout.write(f"{added.user} is here now, as {added.get_role_display().lower()}.")
