"""Turns what a person uploaded into the rows of a version, with the columns that they chose."""

from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson

from apps.datasets import sources, storage
from apps.datasets.lifecycle import leases
from apps.datasets.lifecycle.making import CannotBuild, ColumnsToChoose, Maker, OnProgress
from apps.datasets.models import Version
from apps.datasets.sources import Conversion, Layout, Mapping, Unreadable


def maker_of(version: Version) -> Maker | None:
    """Return what writes the rows of an upload; None when it is JSONL, and now the rows itself."""
    limit = storage.most_row_bytes()
    layout = sources.look(version.source_path, version.filename, limit=limit)
    if layout.is_as_stored:
        version.source_path.replace(version.path)
        return None
    if layout.failure:
        raise CannotBuild(layout.failure, **layout.params)
    _keep(version, layout)
    mapping = mapping_of(version) or _known_mapping(version, layout)
    if layout.tables and mapping is None:
        leases.write(version, source_format=layout.format, status=Version.Status.MAPPING)
        raise ColumnsToChoose
    return partial(_import, version, layout, mapping)


def mapping_of(version: Version) -> Mapping | None:
    """Return what somebody chose for the columns of a version."""
    return sources.mapping_from(version.mapping) if version.mapping else None


def layout_of(version: Version) -> Layout | None:
    """Return how the upload of a version is written; None when it was JSONL, or is gone."""
    try:
        return sources.layout_from(orjson.loads(_layout_path(version).read_bytes()))
    except FileNotFoundError:
        return None


def share_upload(version: Version, public_id: UUID) -> None:
    """Give another version the same upload to begin with; on disk it is there once."""
    for path in (version.source_path, _layout_path(version)):
        with suppress(FileExistsError):  # asked for twice
            (storage.folder() / f"{public_id}{path.suffix}").hardlink_to(path)


def _layout_path(version: Version) -> Path:
    return version.path.with_suffix(".layout")


def _keep(version: Version, layout: Layout) -> None:
    """Put the first rows beside the upload, so that pages need not open a spreadsheet."""
    path = _layout_path(version)
    partial = Path(f"{path}.{version.check_attempts}.part")
    partial.write_bytes(orjson.dumps(layout.as_json(), default=str))
    partial.replace(path)


def _known_mapping(version: Version, layout: Layout) -> Mapping | None:
    """Return the mapping that needs no asking: told by the names, or by an earlier version."""
    if not layout.tables:
        return None
    return sources.sure(layout.tables[0]) or _remembered(version, layout)


def _remembered(version: Version, layout: Layout) -> Mapping | None:
    """Return what was chosen for the last upload, if this one has the same columns."""
    earlier = version.dataset.versions.filter(number__lt=version.number).exclude(mapping={})
    stored = earlier.order_by("-number").values_list("mapping", flat=True).first()
    mapping = sources.mapping_from(stored) if stored else None
    table = layout.table(mapping.sheet) if mapping else None
    if mapping is None or table is None:
        return None
    same = table.with_header(has_header=mapping.has_header).columns == mapping.columns
    return mapping if same else None


def _import(
    version: Version,
    layout: Layout,
    mapping: Mapping | None,
    target: storage.Incoming,
    on_progress: OnProgress,
) -> dict[str, Any]:
    """Write the rows; return what is kept of how the upload was read."""
    upload_bytes = version.source_path.stat().st_size

    def report(news: Conversion) -> None:
        on_progress(news.bytes, upload_bytes, news.rows)

    try:
        sources.convert(
            version.source_path,
            target,
            layout=layout,
            mapping=mapping,
            limit=storage.most_row_bytes(),
            on_progress=report,
        )
    except Unreadable as exc:
        raise CannotBuild(exc.code, **exc.params) from exc
    return {"source_format": layout.format, "mapping": mapping.as_json() if mapping else {}}
