"""Leases on rows: whoever holds one may write, whoever lost it writes nothing and stops."""

from datetime import datetime
from typing import Any

from django.db.models import Model, Q, QuerySet


class LeaseLost(Exception):
    """Another worker is at this row now, or there is nothing to do for it any more."""


def free(column: str, at: datetime) -> Q:
    """Match the rows that nobody is at: no worker has claimed them, or the last one is silent."""
    return Q(**{column: None}) | Q(**{f"{column}__lte": at})


def write(held: QuerySet[Any], row: Model, columns: dict[str, Any], *, at: datetime) -> None:
    """Write columns to the row that is still held, and to our copy of it; otherwise LeaseLost."""
    if not held.update(**columns, updated_at=at):
        raise LeaseLost(row.pk)
    for name, value in columns.items():
        setattr(row, name, value)
