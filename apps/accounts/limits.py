"""Slows down guessing: a few tries per minute, then words instead of answers."""

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django_ratelimit.core import is_ratelimited

PER_ADDRESS = "20/m"
PER_NAME = "10/5m"


def too_many_tries(request: HttpRequest, *, door: str, name: str = "") -> bool:
    """Count this try at a door; True when the address, or the name tried, has had too many."""
    by_address = is_ratelimited(
        request, group=f"{door}.address", key="ip", rate=PER_ADDRESS, increment=True
    )
    by_name = bool(name) and is_ratelimited(
        request,
        group=f"{door}.name",
        key=lambda _group, _request: name.casefold(),
        rate=PER_NAME,
        increment=True,
    )
    return by_address or by_name


def words() -> str:
    """Say what happened and what to do."""
    return _("Too many tries. Wait a few minutes, then try again.")
