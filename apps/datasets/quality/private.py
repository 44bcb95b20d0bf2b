"""Secrets and personal data in a text, each place once (pure)."""

from apps.datasets.quality.credentials import credentials
from apps.datasets.quality.hits import Hit, without_overlaps
from apps.datasets.quality.personal import personal


def find_private(data: bytes) -> list[Hit]:
    """Find all of it, in the order of the text."""
    hits = [*credentials(data, data.lower()), *personal(data)]
    return without_overlaps(hits) if len(hits) > 1 else hits
