"""Writes the rows of a version that has none yet.

A version whose rows are on disk is never written again. What is being written has another name, so
a worker that dies in the middle leaves nothing that anyone would read; the next one begins anew.
"""

from functools import partial

from django.template.defaultfilters import filesizeformat

from apps.datasets import storage
from apps.datasets.lifecycle import deriving, importing, leases
from apps.datasets.lifecycle.making import CannotBuild, Maker, OnProgress
from apps.datasets.models import Version


def build(version: Version, *, on_progress: OnProgress) -> None:
    """Make the rows of a version, unless they are there. What `on_progress` raises ends it.

    CannotBuild when that can never succeed, MustWait when it cannot yet, ColumnsToChoose when
    somebody has to say what each column is.
    """
    if version.path.is_file():
        return
    make = _maker(version)
    if make is None:
        return
    try:
        with storage.rows(version.public_id, attempt=version.check_attempts) as file:
            columns = make(file, on_progress)
            # First the row, then the name: killed in between, all of it is made again.
            columns |= {"size_bytes": file.size_bytes, "sha256": file.sha256}
            leases.write(version, **columns)
    except storage.TooLarge as exc:
        limit = str(filesizeformat(storage.most_row_bytes()))
        raise CannotBuild("rows_too_large", limit=limit) from exc
    for name, value in columns.items():
        setattr(version, name, value)


def _maker(version: Version) -> Maker | None:
    """Return what writes the rows; None when an upload turned out to be the rows."""
    if version.source_path.is_file():
        return importing.maker_of(version)
    if version.parent_id or version.recipe:
        return partial(deriving.derive, version)
    raise CannotBuild("gone")
