"""Where the engine keeps its bytes: below DATA_DIR/engine, under names of our own."""

import os
from pathlib import Path

from django.conf import settings

from apps.core.disk import sync_folder


def folder(*parts: str) -> Path:
    """Return a folder of the engine's, made if it is not there yet."""
    path = Path(settings.DATA_DIR, "engine", *parts)
    path.mkdir(parents=True, exist_ok=True)
    return path


def file_path(public_id: str) -> Path:
    """Where an uploaded file or a result file is."""
    return folder("files") / public_id


def weights_path(name: str) -> Path:
    """Where the weights of a fine-tuned model or checkpoint are; `name` is `job/step`."""
    job, _, step = name.partition("/")
    return folder("models", job) / f"{step}.npz"


def state_path(job_id: str) -> Path:
    """Where a job's training state is kept, for going on after an interruption."""
    return folder("states") / f"{job_id}.npz"


def keep(content: bytes, path: Path) -> None:
    """Write a whole file so that after a power cut it is there complete or not at all."""
    unfinished = path.with_name(f"{path.name}.part")
    with unfinished.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
    sync_folder(path.parent)
