"""A middleware that serves static files as in production, wherever there is a server.

ServeStatic's own only works asynchronously: Django's test client would give every request an event
loop and two threads, a third of its time, to be told that a page is no static file.
"""

from inspect import iscoroutinefunction
from typing import Any

from django.core.exceptions import MiddlewareNotUsed
from django.utils.decorators import sync_and_async_middleware
from servestatic.middleware import ServeStaticMiddleware


@sync_and_async_middleware
def static_files_of_servers(get_response: Any) -> ServeStaticMiddleware:
    """Become ServeStatic's in an ASGI application, and nothing in a test client."""
    if not iscoroutinefunction(get_response):
        raise MiddlewareNotUsed
    return ServeStaticMiddleware(get_response)
