"""What a request is here, and how a view tells a partial from a page."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme
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


def page_of_ours(request: HttpRequest, wanted: str) -> str:
    """Return the path that somebody asked to go on to; empty unless it is one of this site."""
    hosts = {request.get_host()}
    is_ours = url_has_allowed_host_and_scheme(wanted, hosts, require_https=request.is_secure())
    return wanted if is_ours and wanted.startswith("/") else ""


def page_left(request: HttpRequest) -> str:
    """Return the page that the person saw when the browser asked; empty when it did not say."""
    name = "HX-Current-URL" if "HX-Request" in request.headers else "Referer"
    try:
        page = urlsplit(request.headers.get(name, ""))
    except ValueError:  # "http://[": no address at all
        return ""
    if page.netloc != request.get_host():
        return ""
    return page_of_ours(request, urlunsplit(("", "", page.path, page.query, "")))
