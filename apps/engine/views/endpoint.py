"""One address, several methods: what every call has in common is here."""

from collections.abc import Callable, Coroutine
from http import HTTPStatus
from typing import Any, cast

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt

from apps.engine.auth import EngineRequest, authenticate
from apps.engine.errors import Refusal

View = Callable[..., Coroutine[Any, Any, HttpResponseBase]]


def endpoint(**views: View) -> View:
    """Make the view of an address from one view per method; all of them need a token."""

    @csrf_exempt
    @login_not_required
    async def dispatch(request: HttpRequest, **ids: str) -> HttpResponseBase:
        try:
            view = _view_for(request, views)
            _refuse_nul(request)
            known = cast(EngineRequest, request)
            known.token = await authenticate(request)
            known.workspace = known.token.workspace
            return await view(known, **ids)
        except Refusal as refusal:
            return refusal.response()

    return dispatch


def _refuse_nul(request: HttpRequest) -> None:
    """No id and no filter has a NUL character, and PostgreSQL cannot look for one."""
    if "\0" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
        raise Refusal("The address contains a NUL character.")


def _view_for(request: HttpRequest, views: dict[str, View]) -> View:
    method = request.method or ""
    if method not in views:
        raise Refusal(
            f"Not allowed to {method} on {request.path} (HINT: use {' or '.join(views)}).",
            status=HTTPStatus.METHOD_NOT_ALLOWED,
            code="method_not_supported",
        )
    return views[method]
