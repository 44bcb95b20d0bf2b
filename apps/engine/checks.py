"""Start-up checks of the engine, each with what to do about it."""

import os
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from apps.engine import storage
from apps.engine.tiny.weights import BASE_MODEL, BASE_WEIGHTS


@register()
def base_model_is_there(**options: Any) -> Sequence[CheckMessage]:
    """Without the base model nothing can be trained or asked."""
    if BASE_WEIGHTS.exists():
        return []
    return [
        Error(
            f"The weights of {BASE_MODEL} are missing: {BASE_WEIGHTS}",
            hint="Restore the file, or make it again: `python -m apps.engine.tiny.make_base`.",
            id="engine.E001",
        )
    ]


@register()
def folder_is_writable(**options: Any) -> Sequence[CheckMessage]:
    """Files, models and training states need a place."""
    try:
        is_writable = os.access(storage.folder(), os.W_OK)
    except OSError:
        is_writable = False
    if is_writable:
        return []
    return [
        Error(
            f"The engine cannot write below {settings.DATA_DIR}.",
            hint="Give DATA_DIR to the user Retune runs as, or set DATA_DIR to another folder.",
            id="engine.E002",
        )
    ]
