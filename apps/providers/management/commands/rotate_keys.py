"""Encrypt every stored key with the newest encryption key."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from apps.providers import keys
from apps.providers.models import Connection


class Command(BaseCommand):
    help = (
        "Encrypt all provider keys again with the first of ENCRYPTION_KEYS. "
        "Afterwards the older ones can be removed."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        ids = list(Connection.objects.order_by("pk").values_list("pk", flat=True))
        unreadable = [name for pk in ids if (name := _rotate(pk))]
        self.stdout.write(f"{len(ids) - len(unreadable)} of {len(ids)} keys encrypted again.")
        if unreadable:
            raise CommandError("No key in ENCRYPTION_KEYS opens: " + ", ".join(unreadable))


@transaction.atomic
def _rotate(pk: int) -> str:
    """Return the connection's name if its key cannot be read; a change meanwhile has to wait."""
    connection = Connection.objects.select_for_update().get(pk=pk)
    try:
        connection.encrypted_key = keys.rotate(connection.encrypted_key)
    except keys.KeyUnreadable:
        return connection.name
    connection.save(update_fields=["encrypted_key", "updated_at"])
    return ""
