"""Which language a browser asked for: a cookie that Django's LocaleMiddleware reads."""

from datetime import timedelta

from django.conf import settings
from django.http import HttpResponse

KEPT_FOR = timedelta(days=365)


def remember(response: HttpResponse, language: str) -> None:
    """Keep the choice in this browser. A language that Retune does not speak changes nothing."""
    if language in dict(settings.LANGUAGES):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            language,
            max_age=KEPT_FOR,
            secure=settings.HTTPS,
            httponly=True,
            samesite="Lax",
        )
