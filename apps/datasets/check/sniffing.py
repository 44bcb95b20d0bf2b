"""Looks at the beginning of a file: is it JSONL at all, and of which format? (pure)"""

import re
import zipfile
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import orjson

from apps.datasets.check.failures import failure_words
from apps.datasets.check.kinds import format_of_rows
from apps.datasets.check.pieces import BOM

WINDOW_BYTES = 1024 * 1024
MAGIC = (
    (b"\x1f\x8b", "gzip"),
    (b"%PDF-", "pdf"),
    (b"PAR1", "parquet"),
    (b"\xff\xfe", "utf16"),
    (b"\xfe\xff", "utf16"),
)
ZIP = b"PK\x03\x04"
HTML = re.compile(rb"\s*<(!doctype|html|head|body|\?xml)", re.IGNORECASE)
BAD_LINE_SHARE = 0.1
FIRST_ROWS = 100


@dataclass(frozen=True, slots=True)
class Sniffed:
    """`failure` names why the file cannot be checked; else `format` is what most first rows are.

    `has_mark` tells of a byte order mark.
    """

    failure: str = ""
    params: dict[str, Any] = field(default_factory=dict)
    format: str = ""
    has_mark: bool = False


def refusals() -> dict[str, str]:
    """Return what a browser can refuse by itself: endings, first bytes (hex), and the words."""
    signs = {".xlsx": "spreadsheet", ZIP.hex(): "zip"}
    signs |= {magic.hex(): failure for magic, failure in MAGIC}
    return {sign: failure_words(failure, {}) for sign, failure in signs.items()}


def sniff(path: Path) -> Sniffed:
    """Recognise what is not JSONL, so that it gets one sentence instead of a million problems."""
    with path.open("rb") as file:
        head = file.read(WINDOW_BYTES)
    if head.startswith(ZIP):
        return _zip(path)
    failure = next((name for magic, name in MAGIC if head.startswith(magic)), "")
    text = head.removeprefix(BOM)
    if not failure and not text.strip() and path.stat().st_size <= len(head):
        failure = "empty"
    if failure:
        return Sniffed(failure)
    return replace(_text(text), has_mark=head.startswith(BOM))


def _zip(path: Path) -> Sniffed:
    try:
        names = zipfile.ZipFile(path).namelist()
    except (zipfile.BadZipFile, OSError, ValueError):
        return Sniffed("zip")
    if any(name.startswith("xl/") for name in names):
        return Sniffed("spreadsheet")
    files = [name for name in names if not name.endswith("/")]
    is_folder = len(files) != 1 or "/" in files[0]
    return Sniffed("zip_folder", {"count": len(files)}) if is_folder else Sniffed("zip")


def _text(head: bytes) -> Sniffed:
    lines = [line for line in head.splitlines() if line.strip()]
    first = lines[0] if lines else b""
    if HTML.match(head):
        return Sniffed("html")
    if head.count(b"\0") > len(head) // 10:
        return Sniffed("utf16" if _is_utf16(head) else "binary")
    if b"\r" in head and b"\n" not in head and len(lines) > 1:
        return Sniffed("old_mac")
    return _latin(lines) or _json_shape(first, lines) or _format(lines)


def _is_utf16(head: bytes) -> bool:
    """Every other byte of mostly Western text in UTF-16 is 0."""
    halves = (head[0::2], head[1::2])
    return any(half.count(b"\0") > len(half) * 0.8 for half in halves)


def _latin(lines: list[bytes]) -> Sniffed | None:
    """Many lines that are not UTF-8, and none with a proper character beyond ASCII."""
    foreign = [(number, line) for number, line in enumerate(lines, 1) if not line.isascii()]
    bad = [number for number, line in foreign[:1000] if not _is_utf8(line)]
    if len(bad) < 2 or len(bad) < len(foreign[:1000]) - 1 or len(bad) < BAD_LINE_SHARE * len(lines):
        return None
    return Sniffed("not_utf8", {"line": bad[0]})


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


def _json_shape(first: bytes, lines: list[bytes]) -> Sniffed | None:
    first = first.strip()
    if first[:1] == b"[" and (len(lines) == 1 or not isinstance(_loaded(first), list)):
        return Sniffed("array")
    if first == b"{" or (first[:1] == b"{" and len(lines) > 1 and _is_cut_after_a_comma(lines)):
        return Sniffed("pretty")
    if first[:1] not in b'{["' and first.count(b",") and _commas_agree(lines):
        return Sniffed("csv")
    return None


def _is_cut_after_a_comma(lines: list[bytes]) -> bool:
    return lines[0].rstrip()[-1:] in b",[:" and not any(line[:1] == b"{" for line in lines[1:20])


def _commas_agree(lines: list[bytes]) -> bool:
    return not any(line.lstrip()[:1] == b"{" for line in lines[:20])


def _format(lines: list[bytes]) -> Sniffed:
    """Go by what most of the first rows are."""
    rows = (_loaded(line) for line in lines[:FIRST_ROWS])
    return Sniffed(format=format_of_rows(row for row in rows if isinstance(row, dict)))


def _loaded(line: bytes) -> Any:
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
