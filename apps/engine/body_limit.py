"""Keeps bodies that are too large away from the disk: read to their end, dropped, answered 413."""

from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Any

from django.conf import settings

from apps.engine import ids
from apps.engine.requests import parameters

Scope = dict[str, Any]
Message = Mapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

ROOM_FOR_FORM = 64 * 1024  # the parts of an upload that are not the file


def limit_bodies(application: Application) -> Application:
    """Wrap an ASGI application; a body may be as long as the largest file and its form."""

    async def limited(scope: Scope, receive: Receive, send: Send) -> None:
        largest = settings.MAX_UPLOAD_BYTES + ROOM_FOR_FORM
        if _announced_length(scope) > largest:
            await _drop_body(receive)
            await _refuse(send)
        else:
            await application(scope, _counted(receive, largest), send)

    return limited


def _announced_length(scope: Scope) -> int:
    lengths = [value for name, value in scope.get("headers", ()) if name == b"content-length"]
    return int(lengths[0]) if lengths and lengths[0].isdigit() else 0


def _counted(receive: Receive, largest: int) -> Receive:
    """Hang up on a body that did not announce how long it is, once it is too long."""
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        return {"type": "http.disconnect"} if seen > largest else message

    return counted


async def _drop_body(receive: Receive) -> None:
    """Read to the end: a client that is still sending does not see the answer."""
    while (await receive()).get("more_body"):
        pass


async def _refuse(send: Send) -> None:
    megabytes = settings.MAX_UPLOAD_BYTES // 1024**2
    refusal = parameters.too_large(f"The file is larger than {megabytes} MB.").response()
    headers = [
        (b"content-type", b"application/json"),
        (b"x-request-id", ids.request_id().encode()),
    ]
    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": refusal.content})
