"""Puts names into paths. A name can be typed by a person: it must not lead to another path."""

from urllib.parse import quote

from django.utils.translation import gettext_noop as _

from apps.core.sentences import Sentence
from apps.providers.types import ProviderError

ELSEWHERE = frozenset({"", ".", ".."})


def segment(name: str, *, safe: str = "") -> str:
    """Return a name as one part of a path. What is no name is answered as an unknown one is."""
    if not ELSEWHERE.isdisjoint(name.split("/")):
        raise unknown_name()
    return quote(name, safe=safe)


def segments(*names: str) -> str:
    """Return names as parts of a path, one below the other."""
    return "/".join(segment(name) for name in names)


def unknown_name() -> ProviderError:
    return ProviderError(Sentence(_("Nothing has this name.")), code="not_found", status=404)
