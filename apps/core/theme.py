"""Which colours a browser asked for. A cookie, so that the first byte of a page already knows."""

from collections.abc import Mapping
from datetime import timedelta

from django.conf import settings
from django.http import HttpResponse

COOKIE = "theme"
THEMES = ("light", "dark")  # anything else means: like the system
KEPT_FOR = timedelta(days=365)


def chosen(cookies: Mapping[str, str]) -> str:
    """Return the chosen theme, or "" to follow the system."""
    theme = cookies.get(COOKIE, "")
    return theme if theme in THEMES else ""


def remember(response: HttpResponse, theme: str) -> None:
    """Keep the choice in this browser; "system" forgets it."""
    if theme in THEMES:
        response.set_cookie(
            COOKIE,
            theme,
            max_age=KEPT_FOR,
            secure=settings.HTTPS,
            httponly=True,
            samesite="Lax",
        )
    else:
        response.delete_cookie(COOKIE)
