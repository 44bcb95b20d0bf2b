"""What every template may use."""

import tomllib
from functools import cache
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest

from apps.core import theme


@cache
def version() -> str:
    """Return the version that pyproject.toml names."""
    project = Path(settings.BASE_DIR, "pyproject.toml")
    return str(tomllib.loads(project.read_text())["project"]["version"])


def product(request: HttpRequest) -> dict[str, str]:
    """Add the running version, and the colours that this browser chose (none: like the system)."""
    return {"retune_version": version(), "theme": theme.chosen(request.COOKIES)}
