"""Asks people to sign in, and puts the member behind the person on the request."""

from functools import cached_property, partial
from inspect import iscoroutinefunction
from typing import Any

from asgiref.sync import sync_to_async
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils.decorators import sync_and_async_middleware
from django.utils.functional import SimpleLazyObject

from apps.accounts.models import Membership
from apps.accounts.selectors import first_membership
from apps.core.http import page_left


class SignInRequired(LoginRequiredMiddleware):
    """Lead to the sign-in page, and from there back to a page, never to a form's own address."""

    def handle_no_permission(self, request: HttpRequest, view_func: Any) -> HttpResponseRedirect:
        is_page = request.method == "GET" and "HX-Request" not in request.headers
        wanted = request.get_full_path() if is_page else page_left(request)
        return redirect_to_login(wanted or "/", self.get_login_url(view_func))


@sync_and_async_middleware
def membership(get_response: Any) -> Any:
    """Set `request.membership` (lazy) and `request.amembership()`, both of them cached."""

    async def answer_async(request: HttpRequest) -> HttpResponseBase:
        response: HttpResponseBase = await get_response(_with_membership(request))
        return response

    def answer(request: HttpRequest) -> HttpResponseBase:
        response: HttpResponseBase = get_response(_with_membership(request))
        return response

    return answer_async if iscoroutinefunction(get_response) else answer


class _Lookup:
    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    @cached_property
    def membership(self) -> Membership:
        """The person's first one. 404 without any."""
        user = self._request.user
        if not user.is_authenticated:
            raise Http404
        found = user.first_membership or first_membership(user.pk)
        if found is None:
            raise Http404
        return found

    def get(self) -> Membership:
        return self.membership


def _with_membership(request: HttpRequest) -> HttpRequest:
    lookup = _Lookup(request)
    extras: dict[str, Any] = {
        "membership": SimpleLazyObject(lookup.get),
        "amembership": partial(sync_to_async(lookup.get)),
    }
    request.__dict__.update(extras)
    return request
