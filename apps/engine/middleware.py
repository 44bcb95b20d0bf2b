"""What every answer of the engine carries."""

from inspect import iscoroutinefunction
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.decorators import async_only_middleware

from apps.engine import ids


@async_only_middleware
def request_id(get_response: Any) -> Any:
    """Name each request, so that a caller's trouble can be found again."""
    assert iscoroutinefunction(get_response)  # noqa: S101

    async def middleware(request: HttpRequest) -> HttpResponseBase:
        response: HttpResponseBase = await get_response(request)
        response["x-request-id"] = ids.request_id()
        return response

    return middleware
