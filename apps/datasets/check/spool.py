"""Keeps the problems of a running check on disk until the whole check is known."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

import orjson

from apps.datasets.check.findings import Finding
from apps.datasets.rulebook import RULES


class Spool:
    """A temporary file of problems; gone when closed, and when the process dies."""

    def __init__(self, folder: Path) -> None:
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 (closed by __exit__)

    def __enter__(self) -> "Spool":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        exc: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def add(self, row: int, finding: Finding) -> None:
        """Keep one problem."""
        severity = str(RULES[finding.code].severity)
        record = [row, finding.path, finding.code, severity, finding.params]
        self._file.write(orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE))

    def records(self) -> Iterator[tuple[int, str, str, str, dict[str, Any]]]:
        """Read back (row, path, code, severity, params), in the order they were kept."""
        self._file.seek(0)
        for line in self._file:
            row, path, code, severity, params = orjson.loads(line)
            yield row, path, code, severity, params
