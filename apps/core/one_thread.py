"""Runs all that a request of an ordinary view needs in one go of one thread.

Under ASGI Django wraps each hook of each middleware in a trip to a thread and back: some twenty for
a page. Every trip waits until the event loop is free, so pages were slow while many replies
streamed. This middleware takes what stands below it in the list there in one trip instead.
Views that are coroutines stay on the event loop, as before.
"""

from collections.abc import Awaitable, Callable, Sequence
from inspect import iscoroutinefunction
from typing import Any, cast

from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.handlers.base import BaseHandler
from django.core.handlers.exception import convert_exception_to_response
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import Resolver404, resolve
from django.utils.decorators import sync_and_async_middleware
from django.utils.module_loading import import_string

ME = f"{__name__}.one_thread"

Answer = Callable[[HttpRequest], HttpResponseBase]


@sync_and_async_middleware
def one_thread(get_response: Any) -> Any:
    """Answer ordinary views in a thread; without an event loop there is nothing to do."""
    if not iscoroutinefunction(get_response):
        return get_response
    below = settings.MIDDLEWARE[settings.MIDDLEWARE.index(ME) + 1 :]
    in_thread: Callable[[HttpRequest], Awaitable[HttpResponseBase]] = sync_to_async(
        Below(below).answer
    )

    async def answer(request: HttpRequest) -> HttpResponseBase:
        response: HttpResponseBase = await (
            get_response(request) if _is_coroutine(request) else in_thread(request)
        )
        return response

    return answer


class Below(BaseHandler):
    """The view with some of the middleware around it, none of it asynchronous."""

    def __init__(self, paths: Sequence[str]) -> None:
        self._view_middleware: list[Any] = []
        self._template_response_middleware: list[Any] = []
        self._exception_middleware: list[Any] = []
        self.answer = _caught(cast(Any, self)._get_response)  # the stubs do not know it
        for path in reversed(paths):
            self._wrap(import_string(path)(self.answer))

    def _wrap(self, middleware: Any) -> None:
        """Put a middleware around all that was put together before, as Django's loader does."""
        if hasattr(middleware, "process_view"):
            self._view_middleware.insert(0, middleware.process_view)
        if hasattr(middleware, "process_template_response"):
            self._template_response_middleware.append(middleware.process_template_response)
        if hasattr(middleware, "process_exception"):
            self._exception_middleware.append(middleware.process_exception)
        self.answer = _caught(middleware)


def _caught(answer: Answer) -> Answer:
    """Turn what it raises into a page."""
    return cast(Answer, convert_exception_to_response(answer))


def _is_coroutine(request: HttpRequest) -> bool:
    try:
        return iscoroutinefunction(resolve(request.path_info).func)
    except Resolver404:
        return False
