"""The least that an ASGI server can do with a body: write every piece to a file as it comes."""

import os
from pathlib import Path
from typing import Any


async def application(scope: Any, receive: Any, send: Any) -> None:
    """Answer once the whole body is in the file."""
    with Path(os.environ["TMPDIR"], "sink").open("wb") as file:  # noqa: ASYNC230 (the least there is)
        more = scope["method"] == "PUT"
        while more:
            message = await receive()
            file.write(message.get("body", b""))
            more = message.get("more_body", False)
    headers = [(b"content-length", b"2")]
    await send({"type": "http.response.start", "status": 201, "headers": headers})
    await send({"type": "http.response.body", "body": b"{}"})
