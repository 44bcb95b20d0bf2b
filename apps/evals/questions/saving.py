"""Saved cases: questions that a person wants asked again, gathered by the name of a collection."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from django.db import IntegrityError, transaction
from django.db.models import Count

from apps.accounts.models import Membership
from apps.evals.models import SavedCase

LONGEST_NAME = 120
MOST_COLLECTIONS = 200


def save_case(
    *,
    membership: Membership,
    collection: str,
    messages: Sequence[Mapping[str, Any]],
    expected: str = "",
    note: str = "",
) -> tuple[SavedCase, bool]:
    """Save a question for later runs; return it, and whether it is new.

    The same messages saved twice into one collection are one case; what is expected of it, and
    the note, are then as they were said last.
    """
    said = {"messages": list(messages), "expected": expected, "note": note}
    return SavedCase.objects.update_or_create(
        workspace_id=membership.workspace_id,
        collection=clean_name(collection),
        content_key=content_key(messages),
        defaults=said,
        create_defaults={**said, "created_by_id": membership.user_id},
    )


def content_key(messages: Sequence[Mapping[str, Any]]) -> str:
    """Return the same text for the same messages, in whatever order their keys stand."""
    return hashlib.sha256(orjson.dumps(list(messages), option=orjson.OPT_SORT_KEYS)).hexdigest()


def clean_name(collection: str) -> str:
    """Return the name of a collection on one line, not too long."""
    return " ".join(collection.replace("\0", "").split())[:LONGEST_NAME]


def collections_of(membership: Membership) -> list[str]:
    """Return the names of this workspace's collections."""
    mine = SavedCase.objects.visible_to(membership).order_by("collection")
    return list(mine.values_list("collection", flat=True).distinct()[:MOST_COLLECTIONS])


def collection_sizes(membership: Membership) -> list[tuple[str, int]]:
    """Return the names of this workspace's collections, with how many cases each has."""
    mine = SavedCase.objects.visible_to(membership).values("collection").order_by("collection")
    sizes = mine.annotate(size=Count("pk")).values_list("collection", "size")
    return list(sizes[:MOST_COLLECTIONS])


def change_case(*, case: SavedCase, collection: str, expected: str, note: str) -> bool:
    """Change a case; False when its question is in that collection already."""
    changes = {"collection": clean_name(collection), "expected": expected, "note": note}
    try:
        with transaction.atomic():
            SavedCase.objects.filter(pk=case.pk).update(**changes)
    except IntegrityError:
        return False
    return True
