"""Into how many tiles a model cuts an image: what it costs beside text (pure).

OpenAI's guide "Images and vision", detail "high": an image is made to fit 2048 by 2048 pixels, its
shorter side to 768 at most, and is cut into squares of 512. With detail "low" there are no tiles.
The size stands in the head of the image's bytes; where only its address is known, nothing is.
"""

import binascii
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

TILE = 512
LONGEST_SIDE = 2048
SHORTEST_SIDE = 768
MOST_TILES = 8
UNKNOWN = -1
HEAD_CHARACTERS = 128 * 1024  # a JPEG tells its size after what the camera noted, up to 64 KB
PNG, JPEG, RIFF = b"\x89PNG", b"\xff\xd8", b"RIFF"
JPEG_SIZES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}

Size = tuple[int, int]


def tiles_in(messages: Iterable[Mapping[str, Any]]) -> Iterator[int]:
    """Yield the tiles of each image of a conversation without errors; UNKNOWN where no one can."""
    for message in messages:
        content = message.get("content")
        if isinstance(content, list):
            images = (part for part in content if part.get("type") == "image_url")
            yield from (tiles_of(part["image_url"]) for part in images)


def tiles_of(image: Mapping[str, Any]) -> int:
    """Return the tiles of one image; 0 where only a small copy of it is looked at."""
    if image.get("detail") == "low":
        return 0
    head = _head(image["url"])
    size = _size(head) if head else None
    return _tiles(*size) if size and min(size) > 0 else UNKNOWN


def _tiles(width: int, height: int) -> int:
    longest = max(width, height)
    if longest > LONGEST_SIDE:
        width, height = (max(1, side * LONGEST_SIDE // longest) for side in (width, height))
    shortest = min(width, height)
    if shortest > SHORTEST_SIDE:
        width, height = (side * SHORTEST_SIDE // shortest for side in (width, height))
    return -(-width // TILE) * -(-height // TILE)


def _head(url: str) -> bytes:
    start = url.find(",") + 1
    if not start or url[:5].lower() != "data:":
        return b""
    text = url[start : start + HEAD_CHARACTERS]
    try:
        return binascii.a2b_base64(text + "=" * (-len(text) % 4))
    except binascii.Error:
        return b""


def _size(head: bytes) -> Size | None:
    if head.startswith(PNG) and len(head) >= 24:
        return int.from_bytes(head[16:20]), int.from_bytes(head[20:24])
    if head.startswith(RIFF) and len(head) >= 30:
        return _webp(head)
    return _jpeg(head) if head.startswith(JPEG) else None


def _webp(head: bytes) -> Size | None:
    kind = head[12:16]
    if kind == b"VP8 ":
        sides = (int.from_bytes(head[at : at + 2], "little") & 0x3FFF for at in (26, 28))
    elif kind == b"VP8L":
        bits = int.from_bytes(head[21:25], "little")
        sides = (1 + (bits >> shift & 0x3FFF) for shift in (0, 14))
    elif kind == b"VP8X":
        sides = (1 + int.from_bytes(head[at : at + 3], "little") for at in (24, 27))
    else:
        return None
    width, height = sides
    return width, height


def _jpeg(head: bytes) -> Size | None:
    """Go from mark to mark until the one that tells the size."""
    at = 2
    while at + 9 <= len(head) and head[at] == 0xFF:
        if head[at + 1] in JPEG_SIZES:
            return int.from_bytes(head[at + 7 : at + 9]), int.from_bytes(head[at + 5 : at + 7])
        at += 2 + int.from_bytes(head[at + 2 : at + 4])
    return None
