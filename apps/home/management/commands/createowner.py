"""Set this installation up without a browser."""

import sys
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.accounts.models import Membership, Role
from apps.accounts.services import OwnerExists
from apps.home import services


class Command(BaseCommand):
    help = (
        "Make the owner, the workspace and the connection to this machine's engine. "
        "Run again with the same name it changes nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--username", required=True)
        parser.add_argument("--email", default="")
        parser.add_argument(
            "--password-stdin",
            action="store_true",
            required=True,
            help="read the password from standard input, so that no process list shows it",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        username, password = options["username"], sys.stdin.readline().rstrip("\r\n")
        try:
            services.set_up(username=username, password=password, email=options["email"])
        except ValidationError as exc:
            raise CommandError("\n".join(exc.messages)) from None
        except OwnerExists as exc:
            if not _owns(username):
                raise CommandError(str(exc)) from None
            self.stdout.write(f"{username} is the owner already. Nothing was changed.")
        else:
            self.stdout.write(f"{username} is the owner now.")


def _owns(username: str) -> bool:
    return Membership.objects.filter(user__username=username, role=Role.OWNER).exists()
