"""Server-sent events: the wire format and the response, and nothing about any app."""

import re
from collections.abc import AsyncIterator

from django.http import StreamingHttpResponse


def event(name: str, data: str = "") -> str:
    """Return one event. Every line of `data` gets its own `data:` field."""
    lines = re.split(r"\r\n|\r|\n", data)
    return f"event: {name}\n" + "".join(f"data: {line}\n" for line in lines) + "\n"


def stream(events: AsyncIterator[str]) -> StreamingHttpResponse:
    """Send events as they come; the headers keep proxies from holding them back."""
    headers = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
    return StreamingHttpResponse(events, content_type="text/event-stream", headers=headers)
