"""Writes the rows of a version that has none yet.

A version whose rows are on disk is never written again. What is being written has another name, so
a worker that dies in the middle leaves nothing that anyone would read; the next one begins anew.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.conf import settings
from django.template.defaultfilters import filesizeformat

from apps.datasets import deriving, leases, storage
from apps.datasets.failing import CannotBuild
from apps.datasets.models import Version

OnProgress = Callable[[int, int, int], None]  # bytes read, bytes to read, rows written
Maker = Callable[[storage.Incoming, OnProgress], dict[str, Any]]


def build(version: Version, *, on_progress: OnProgress) -> None:
    """Make the rows of a version, unless they are there. What `on_progress` raises ends it.

    CannotBuild when that can never succeed, MustWait when it cannot yet.
    """
    if version.path.is_file():
        return
    make = _maker(version)
    try:
        with storage.incoming(version.public_id, attempt=version.check_attempts) as file:
            columns = make(file, on_progress)
            # First the row, then the name: killed in between, all of it is made again.
            columns |= {"size_bytes": file.size_bytes, "sha256": file.sha256}
            leases.write(version, **columns)
    except storage.TooLarge as exc:
        limit = str(filesizeformat(settings.MAX_UPLOAD_BYTES))
        raise CannotBuild("rows_too_large", limit=limit) from exc
    for name, value in columns.items():
        setattr(version, name, value)


def _maker(version: Version) -> Maker:
    if version.parent_id or version.recipe:
        return partial(deriving.derive, version)
    raise CannotBuild("gone")
