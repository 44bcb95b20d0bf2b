"""What every answer needs, whoever made it."""

from inspect import iscoroutinefunction
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import is_valid_path
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


@sync_and_async_middleware
def page_for_forms_address(get_response: Any) -> Any:
    """Show a page instead of nothing to who opens the address that only a form sends to.

    A refused form leaves its address in the browser, where it is reloaded and bookmarked.
    """

    async def async_middleware(request: HttpRequest) -> HttpResponseBase:
        return _in_words(request, await get_response(request))

    def middleware(request: HttpRequest) -> HttpResponseBase:
        return _in_words(request, get_response(request))

    return async_middleware if iscoroutinefunction(get_response) else middleware


def _in_words(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    is_page = request.method == "GET" and "HX-Request" not in request.headers
    if not (is_page and isinstance(response, HttpResponseNotAllowed)):
        return response
    page = render(request, "405.html", {"above": _page_above(request.path)}, status=405)
    page["Allow"] = response["Allow"]
    return page


def _page_above(path: str) -> str:
    """Return the nearest address above this one that exists."""
    parts = path.strip("/").split("/")
    above = ("/" + "/".join(parts[:count]) + "/" for count in range(len(parts) - 1, 0, -1))
    return next(filter(is_valid_path, above), "/")
