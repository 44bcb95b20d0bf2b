"""Receives an upload straight into the engine's own folder, without holding it in memory."""

import os
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Any, cast

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler

from apps.core.disk import sync_folder
from apps.engine import storage


class EngineUploadHandler(FileUploadHandler):
    """Writes into a temporary file beside the final one; it removes itself unless kept."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        unfinished = NamedTemporaryFile(dir=storage.folder("incoming"))  # noqa: SIM115
        self.file: UploadedFile[bytes] = UploadedFile(unfinished, self.file_name, self.content_type)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.file.write(raw_data)

    def file_complete(self, file_size: int) -> "UploadedFile[bytes]":
        self.file.flush()
        self.file.seek(0)
        self.file.size = file_size
        return self.file


def temporary_path(upload: "UploadedFile[bytes]") -> Path:
    """Where the bytes of a received upload are until they are kept or dropped."""
    return Path(cast("IO[bytes]", upload.file).name)


def keep(upload: "UploadedFile[bytes]", path: Path) -> None:
    """Give a received upload its lasting name; durable when this returns."""
    os.fsync(upload.fileno())
    path.hardlink_to(temporary_path(upload))
    sync_folder(path.parent)
