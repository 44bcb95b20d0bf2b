"""Bytes in, rows out: what the tests of reading have in common."""

import json
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from apps.datasets import sources
from apps.datasets.sources import Layout, Mapping

LIMIT = 10_000_000


class Read:
    """A file that was looked at and, if it can be, converted."""

    def __init__(self, path: Path, filename: str, mapping: Mapping | None, limit: int) -> None:
        self.layout: Layout = sources.look(path, filename, limit=limit)
        self.failure, self.params = self.layout.failure, self.layout.params
        self.mapping = mapping
        self.lines: list[bytes] = []
        table = self.layout.table(mapping.sheet if mapping else "")
        if table and not mapping:
            self.mapping = sources.sure(table) or sources.guess(table)
        if not self.failure:
            self._convert(path, limit)

    def _convert(self, path: Path, limit: int) -> None:
        target = BytesIO()
        try:
            self.count = sources.convert(
                path,
                target,
                layout=self.layout,
                mapping=self.mapping if self.mapping and self.mapping.is_complete else None,
                limit=limit,
                on_progress=lambda _: None,
            )
        except sources.Unreadable as exc:
            self.failure, self.params = exc.code, exc.params
        self.lines = target.getvalue().splitlines()

    @property
    def rows(self) -> list[Any]:
        return [json.loads(line) for line in self.lines]

    @property
    def said(self) -> list[tuple[str, ...]]:
        """The contents of each conversation."""
        return [tuple(message["content"] for message in row["messages"]) for row in self.rows]


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., Read]:
    def read(
        content: bytes, filename: str = "", mapping: Mapping | None = None, limit: int = LIMIT
    ) -> Read:
        path = tmp_path / "upload.source"
        path.write_bytes(content)
        return Read(path, filename, mapping, limit)

    return read
