"""Reads what clients send."""

import re

from tests.providers.scripted.http import Seen


def multipart(seen: Seen) -> tuple[dict[str, str], tuple[str, bytes]]:
    """Return the fields of a form, and the name and content of its file."""
    boundary = seen.headers["content-type"].split("boundary=")[1].strip('"').encode()
    fields: dict[str, str] = {}
    file = ("", b"")
    for part in seen.body.split(b"--" + boundary):
        head, _, content = part.partition(b"\r\n\r\n")
        content = content.removesuffix(b"\r\n")
        name = re.search(rb'[; ]name="([^"]*)"', head)
        filename = re.search(rb'filename="([^"]*)"', head)
        if filename:
            file = (filename[1].decode(), content)
        elif name:
            fields[name[1].decode()] = content.decode()
    return fields, file
