"""What the place needs to know that files are dropped on."""

import json
from typing import Any

from django.conf import settings

from apps.datasets.sources import refusals

ACCEPTED = (
    ".jsonl,.ndjson,.json,.csv,.tsv,.tab,.xlsx,.txt,.parquet,.gz,"
    "application/jsonl,application/x-ndjson,application/json,text/csv,text/plain"
)


def drop_zone() -> dict[str, Any]:
    """Return the context of datasets/_drop_zone.html."""
    return {
        "max_upload_bytes": settings.MAX_UPLOAD_BYTES,
        "refusals": json.dumps(refusals()),
        "accepted": ACCEPTED,
    }
