"""Turns what a person uploaded into the rows of a version, with the columns that they chose."""

import os
from collections.abc import Callable
from pathlib import Path

import orjson
from django.conf import settings

from apps.datasets import sources, storage
from apps.datasets.models import Version
from apps.datasets.sources import Conversion, Layout, Mapping, Unreadable

LARGER_UNPACKED = 4  # times what may be uploaded

OnProgress = Callable[[int, int, int], None]  # bytes read, bytes to read, rows written
Save = Callable[..., None]


class ColumnsToChoose(Exception):
    """Nobody has said yet what each column is."""


def import_rows(version: Version, *, save: Save, on_progress: OnProgress) -> None:
    """Write the rows of an upload. Unreadable when there are none, ColumnsToChoose when to ask."""
    layout = sources.look(version.source_path, version.filename, limit=_limit())
    if layout.failure:
        raise Unreadable(layout.failure, **layout.params)
    if layout.is_as_stored:
        version.source_path.replace(version.path)
        return
    _keep(version, layout)
    mapping = mapping_of(version) or _known_mapping(version, layout)
    if layout.tables and mapping is None:
        save(source_format=layout.format, status=Version.Status.MAPPING)
        raise ColumnsToChoose
    version.mapping = mapping.as_json() if mapping else {}
    save(source_format=layout.format, mapping=version.mapping)
    _write_rows(version, layout, mapping, save, on_progress)


def mapping_of(version: Version) -> Mapping | None:
    """Return what somebody chose for the columns of a version."""
    return sources.mapping_from(version.mapping) if version.mapping else None


def layout_of(version: Version) -> Layout:
    """Return how the upload of a version is written, as the worker saw it."""
    try:
        return sources.layout_from(orjson.loads(_layout_path(version).read_bytes()))
    except FileNotFoundError:
        return sources.look(version.source_path, version.filename, limit=_limit())


def _limit() -> int:
    return LARGER_UNPACKED * settings.MAX_UPLOAD_BYTES


def _layout_path(version: Version) -> Path:
    return version.path.with_suffix(".layout")


def _keep(version: Version, layout: Layout) -> None:
    """Put the first rows beside the upload, so that pages need not open a spreadsheet."""
    path = _layout_path(version)
    partial = path.with_suffix(".layout.part")
    partial.write_bytes(orjson.dumps(layout.as_json(), default=str))
    partial.replace(path)


def _known_mapping(version: Version, layout: Layout) -> Mapping | None:
    """Return the mapping that needs no asking: told by the names, or by an earlier version."""
    if not layout.tables:
        return None
    return sources.sure(layout.tables[0]) or _remembered(version, layout)


def _remembered(version: Version, layout: Layout) -> Mapping | None:
    earlier = version.dataset.versions.filter(number__lt=version.number).exclude(mapping={})
    for stored in earlier.order_by("-number").values_list("mapping", flat=True)[:1]:
        mapping = sources.mapping_from(stored)
        table = layout.table(mapping.sheet)
        if table and table.with_header(has_header=mapping.has_header).columns == mapping.columns:
            return mapping
    return None


def _write_rows(
    version: Version, layout: Layout, mapping: Mapping | None, save: Save, on_progress: OnProgress
) -> None:
    upload_bytes = version.source_path.stat().st_size

    def report(news: Conversion) -> None:
        on_progress(news.bytes, upload_bytes, news.rows)

    partial = version.path.with_suffix(f".{version.check_attempts}.part")
    try:
        with partial.open("wb") as file:
            rows = storage.Incoming(file)
            sources.convert(
                version.source_path,
                rows,
                layout=layout,
                mapping=mapping,
                limit=_limit(),
                on_progress=report,
            )
            file.flush()
            os.fsync(file.fileno())
        version.size_bytes = rows.size_bytes  # from now on that of the rows, as in every version
        save(size_bytes=rows.size_bytes, sha256=rows.sha256, bytes_checked=0, rows_checked=0)
        partial.replace(version.path)
        storage.sync_folder()
    finally:
        partial.unlink(missing_ok=True)
