"""What every answer needs, whoever made it."""

from inspect import iscoroutinefunction
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers
from django.utils.decorators import sync_and_async_middleware


@sync_and_async_middleware
def htmx_login_redirect(get_response: Any) -> Any:
    """When a session ends under a polling page, reload the page instead of filling the partial."""

    async def async_middleware(request: HttpRequest) -> HttpResponseBase:
        return _whole_page(request, await get_response(request))

    def middleware(request: HttpRequest) -> HttpResponseBase:
        return _whole_page(request, get_response(request))

    return async_middleware if iscoroutinefunction(get_response) else middleware


def _whole_page(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    patch_vary_headers(response, ["HX-Request"])
    if request.headers.get("HX-Request") != "true" or response.status_code != 302:
        return response
    page = HttpResponse(status=204, headers={"HX-Redirect": response["Location"]})
    page.cookies = response.cookies  # notes for the next page travel in one
    return page
