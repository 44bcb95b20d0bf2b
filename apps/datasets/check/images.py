"""The rules for the address of an image, and for one whose bytes are in it (pure)."""

import binascii
import re

from apps.datasets.check.findings import Findings, found

MANY = 10  # per row: more than OpenAI takes
MOST = 64  # per row: the most that anybody takes
MAX_BYTES = 10_000_000
MEGABYTE = 1_000_000
ADDRESSES = ("https://", "http://")
EMBEDDED = "data:"
DATA_ADDRESS = re.compile(r"data:([a-z0-9.+/-]*)((?:;[a-z0-9=_.-]+)*),", re.IGNORECASE)
BASE64 = re.compile(r"[A-Za-z0-9+/]+={0,2}")
HEAD_CHARACTERS = 24  # hold the 16 bytes that tell the format
SIGNS = {"image/png": b"\x89PNG\r\n\x1a\n", "image/jpeg": b"\xff\xd8\xff", "image/webp": b"RIFF"}
SPELLED = {"image/jpg": "image/jpeg"}
TYPES = tuple(SIGNS)


def address_findings(url: str, path: str) -> Findings:
    """Say what is wrong with where an image comes from; nothing is fetched."""
    if url.startswith(ADDRESSES):
        return
    embedded = DATA_ADDRESS.match(url) if url[:5].lower() == EMBEDDED else None
    if embedded is None:
        yield found("bad_image_url", path, value=url)
    else:
        kind = embedded[1].lower()
        yield from _embedded(url, embedded.end(), SPELLED.get(kind, kind), embedded[2], path)


def _embedded(url: str, start: int, kind: str, options: str, path: str) -> Findings:
    if kind not in TYPES:
        yield found("image_type", path, value=kind or "text/plain", allowed=", ".join(TYPES))
        return
    if not options.lower().endswith(";base64") or not BASE64.fullmatch(url, start):
        yield found("image_not_base64", path)
        return
    size = (len(url) - start) * 3 // 4
    if size > MAX_BYTES:
        shown, limit = f"{size / MEGABYTE:.1f}", MAX_BYTES // MEGABYTE
        yield found("image_too_large", path, megabytes=shown, limit=limit)
    if not _head(url, start).startswith(SIGNS[kind]):
        yield found("image_type_differs", path, value=kind)


def _head(url: str, start: int) -> bytes:
    head = url[start : start + HEAD_CHARACTERS]
    try:
        return binascii.a2b_base64(head + "=" * (-len(head) % 4))
    except binascii.Error:
        return b""
