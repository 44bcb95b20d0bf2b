"""Weights on disk: half precision, one ``.npz``, never half-written, never unpickled."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import IO

import numpy as np

from apps.core.disk import sync_folder
from apps.engine.tiny.model import Parameters

BASE_MODEL = "tiny-chat-1m"
BASE_WEIGHTS = Path(__file__).parent / "base" / f"{BASE_MODEL}.npz"


def save_weights(path: Path, parameters: Parameters) -> None:
    """Write the weights as fp16 (about 2.1 MB for tiny-chat-1m)."""
    halves = {name: array.astype(np.float16) for name, array in parameters.items()}
    write_atomically(path, lambda file: np.savez(file, **halves))  # type: ignore[arg-type]


def load_weights(path: Path = BASE_WEIGHTS) -> Parameters:
    """Read weights into fp32 arrays that may be changed."""
    with np.load(path, allow_pickle=False) as archive:
        return {name: archive[name].astype(np.float32) for name in archive.files}


def write_atomically(path: Path, write: Callable[[IO[bytes]], object]) -> None:
    """Write a file so that a reader, or a crash, finds the old one or the new one whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        with partial.open("wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    sync_folder(path.parent)
