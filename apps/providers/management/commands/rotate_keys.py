"""Encrypt every stored secret with the newest encryption key."""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand, CommandError
from django.db import models, transaction

from apps.providers import keys

PREFIX = "encrypted_"  # begins the name of every column that holds a secret


class Command(BaseCommand):
    help = (
        "Encrypt all stored keys and secrets again with the first of ENCRYPTION_KEYS. "
        "Afterwards the older ones can be removed."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        found = [
            _rotate(model, column, pk)
            for model, column in _columns()
            for pk in model._default_manager.exclude(**{column: ""}).values_list("pk", flat=True)
        ]
        unreadable = [name for name in found if name]
        self.stdout.write(f"{len(found) - len(unreadable)} of {len(found)} keys encrypted again.")
        if unreadable:
            raise CommandError("No key in ENCRYPTION_KEYS opens: " + ", ".join(unreadable))


def _columns() -> Iterator[tuple[type[models.Model], str]]:
    """Yield every column of every table that holds a secret, also of apps added tomorrow."""
    for model in apps.get_models():
        for field in model._meta.get_fields():
            if field.name.startswith(PREFIX):
                yield model, field.name


@transaction.atomic
def _rotate(model: type[models.Model], column: str, pk: int) -> str:
    """Return the row's name if its secret cannot be read; a change meanwhile has to wait."""
    row = model._default_manager.select_for_update().get(pk=pk)
    try:
        rotated = keys.rotate(getattr(row, column))
    except keys.KeyUnreadable:
        return str(row)
    model._default_manager.filter(pk=pk).update(**{column: rotated})
    return ""
