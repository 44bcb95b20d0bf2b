"""Answers a request in one trip to a thread.

Under ASGI Django makes a trip to a thread and back for each hook of each middleware that is not a
coroutine: some twenty for a page. Each costs CPU, and each waits until the event loop is free, so
that pages get slow while many replies stream. Here middleware and view run in one trip. Static
files need none: they are served before. Views that are coroutines still run on the event loop.
"""

import asyncio
from contextvars import Context
from typing import Any

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIHandler
from django.core.signals import request_started
from django.db import close_old_connections, reset_queries
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from servestatic.middleware import ServeStaticMiddleware


class Handler(ASGIHandler):
    """Django's handler, with the middleware of its synchronous one."""

    def __init__(self) -> None:
        super().__init__()
        # A request has a thread of its own, with neither old connections nor notes on their
        # queries; to find that out would be a trip to it.
        request_started.disconnect(close_old_connections)
        request_started.disconnect(reset_queries)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Begin in an empty context.

        Where an upload made a connection wait, the server reads its next request in the context of
        the upload's view, whose thread has left; nothing could run there any more.
        """
        answer = super().__call__(scope, receive, send)
        await asyncio.create_task(answer, context=Context())

    def load_middleware(self, is_async: bool = False) -> None:  # noqa: FBT001, FBT002 (Django's)
        super().load_middleware(is_async=False)
        self._static_or_page = ServeStaticMiddleware(sync_to_async(self.get_response))

    async def get_response_async(self, request: HttpRequest) -> HttpResponseBase:
        response: HttpResponseBase = await self._static_or_page(request)
        response.headers.setdefault("X-Content-Type-Options", "nosniff")  # on static files too
        return response
