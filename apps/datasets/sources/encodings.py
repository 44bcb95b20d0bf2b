"""Which characters bytes stand for, and where bytes stand for none (pure)."""

import codecs
import io
from pathlib import Path
from typing import Any, BinaryIO

from apps.datasets.sources.packing import READ_BYTES, unpacked
from apps.datasets.sources.unreadable import Unreadable

MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
UTF8 = ("utf-8", "utf-8-sig")
FALLBACK = "cp1252"  # what old programs on Western Windows wrote
GUESS_BYTES = 64 * 1024
MOST_STRAY_BYTES = 0.05  # of the bytes beyond ASCII, in a text that is still called UTF-8
MOST_ODD_LINES = 0.1
# What people's programs write; charset-normalizer knows a hundred more, and would guess them.
PLAUSIBLE = [
    "cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp932",
    "gb18030", "big5", "cp949", "euc_jp", "koi8_r", "mac_roman", "cp437", "cp850",
]  # fmt: skip
# The sets of Europe share most letters; a text of these alone is read as Western.
NEIGHBOURS = ("cp1250", "cp1254", "cp1257", "cp437", "cp850", "mac_roman")
WESTERN = frozenset("àâäáãåæçéèêëíîïñóòôöõøœúùûüßÀÂÄÁÃÅÆÇÉÈÊËÍÎÏÑÓÒÔÖÕØŒÚÙÛÜ‘’“”„–—…€«»¿¡°·©®™")
NAMES = {"utf-8-sig": "UTF-8", "cp932": "Shift JIS", "cp949": "EUC-KR", "mac_roman": "Mac Roman"}
NAMES |= {"utf-16-le": "UTF-16", "utf-16-be": "UTF-16"}
NAMES |= {f"cp{number}": f"Windows-{number}" for number in range(1250, 1258)}


def encoding_of(path: Path, head: bytes, limit: int) -> str:
    """Name the encoding of a text by its marks, its zeros, and else by its first odd bytes."""
    marked = next((codec for mark, codec in MARKS if head.startswith(mark)), "")
    if marked or (marked := _by_zeros(head)):
        return marked
    return _guessed(_odd_window(path, head, limit))


def _by_zeros(head: bytes) -> str:
    """Every other byte of mostly Western text in UTF-16 is 0."""
    even, odd = head[0::2], head[1::2]
    if odd.count(0) > len(odd) * 0.4 and even.count(0) < len(even) * 0.1:
        return "utf-16-le"
    if even.count(0) > len(even) * 0.4 and odd.count(0) < len(odd) * 0.1:
        return "utf-16-be"
    return ""


def _odd_window(path: Path, head: bytes, limit: int) -> bytes:
    """Return the head if it has bytes beyond ASCII, else the first block that has some."""
    if not head.isascii():
        return head
    with unpacked(path, limit) as (stream, _):
        while block := stream.read(READ_BYTES):
            if not block.isascii():
                return block + stream.read(GUESS_BYTES)
    return b""


def _guessed(text: bytes) -> str:
    if _is_mostly_utf8(text):
        return "utf-8"
    lines = text.splitlines()
    odd = [line for line in lines if not line.isascii()]
    if text.lstrip()[:1] in (b"{", b"[") and len(odd) < max(2, MOST_ODD_LINES * len(lines)):
        return "utf-8"  # JSON by its rules: the check names the few rows that break them
    sample = b"\n".join(odd)[:GUESS_BYTES]
    from charset_normalizer import from_bytes

    best = from_bytes(sample, cp_isolation=PLAUSIBLE).best()
    name = best.encoding if best else FALLBACK
    return FALLBACK if name in NEIGHBOURS and _is_western(sample) else name


def _is_western(sample: bytes) -> bool:
    foreign = [character for character in sample.decode(FALLBACK, "replace") if character > "\x7f"]
    return sum(character in WESTERN for character in foreign) > 0.95 * len(foreign)


def _is_mostly_utf8(text: bytes) -> bool:
    """UTF-8 hardly ever comes about by chance, so a few stray bytes do not speak against it."""
    decoded = text.decode(errors="replace")
    whole = decoded.removesuffix("\ufffd")  # the window may end inside a character
    stray = whole.count("\ufffd") - text.count("\ufffd".encode())
    foreign = sum(byte > 127 for byte in text) if stray > 0 else 0
    return stray <= 0 or stray < foreign * MOST_STRAY_BYTES


def reader(stream: BinaryIO, encoding: str, *, newline: str | None = "") -> io.TextIOWrapper:
    """Read bytes as text; bytes that fit nothing raise UnicodeDecodeError."""
    return io.TextIOWrapper(stream, encoding=encoding, errors="strict", newline=newline)


def shown_name(encoding: str) -> str:
    """Name an encoding as people do."""
    return NAMES.get(encoding, encoding.upper().replace("_", "-"))


def bad_bytes(path: Path, encoding: str, limit: int) -> Unreadable:
    """Find the first byte that does not fit: its offset counts from 0, lines count from 1."""
    decoder: Any = codecs.getincrementaldecoder(encoding)()
    fed, lines = 0, 0
    with unpacked(path, limit) as (stream, _):
        while True:
            block = stream.read(READ_BYTES)
            pending = len(decoder.getstate()[0])
            try:
                lines += decoder.decode(block, final=not block).count("\n")
            except UnicodeDecodeError as exc:
                start = exc.start
                before = exc.object[:start].decode(encoding, "ignore").count("\n")
                return Unreadable(
                    "bad_bytes",
                    encoding=shown_name(encoding),
                    byte=f"0x{exc.object[start]:02X}",
                    offset=fed - pending + start,
                    line=lines + before + 1,
                )
            fed += len(block)
            if not block:
                return Unreadable("binary")
