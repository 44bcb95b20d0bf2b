"""What a request is here, and how a view tells a partial from a page."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

if TYPE_CHECKING:
    from apps.accounts.models import Membership, User


class AuthedRequest(HttpRequest):
    """A request from a signed-in member; the middleware makes this true.

    `membership` costs a query at first use; async views `await request.amembership()`.
    """

    user: "User"
    htmx: HtmxDetails
    membership: "Membership"
    amembership: Callable[[], Awaitable["Membership"]]


def wants_partial(request: AuthedRequest) -> bool:
    """True when htmx will swap the answer into the page it already has."""
    htmx = request.htmx
    return bool(htmx) and not htmx.boosted and not htmx.history_restore_request
