"""Steps that change texts and leave the shape of a row alone (pure)."""

import re
import unicodedata
from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.datasets.recipes.escapes import spelled
from apps.datasets.recipes.params import Param
from apps.datasets.recipes.shapes import Data, each_text
from apps.datasets.recipes.steps import DataStep, register

# What nobody can see: control characters (tab and line ends stay), marks of text direction, byte
# order marks, zero-width spaces. The joiners U+200C and U+200D stay: emoji and some scripts need
# them.
INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2064\u2066-\u206f"
    "\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
LINE_ENDS = re.compile("\r\n?|[\u0085\u2028\u2029]")
QUOTES = str.maketrans({"“": '"', "”": '"', "„": '"', "‟": '"', "‘": "'", "’": "'", "‚": "'"})
# Windows-1252, with what it leaves open taken from Latin-1, as the programs did that spoil texts.
OPEN = (0x81, 0x8D, 0x8F, 0x90, 0x9D)
CP1252 = {chr(byte): byte for byte in range(0x80, 0x100)}
CP1252 |= {bytes([byte]).decode("cp1252"): byte for byte in range(0x80, 0xA0) if byte not in OPEN}
MOST_ROUNDS = 3  # some texts were spoiled more than once


@register
class Trim(DataStep):
    code = "trim"
    title = _("Remove spaces around texts")
    help = _("Spaces and line breaks at the beginning and end of every message are removed.")

    def change(self, data: Data) -> Data:
        return each_text(data, str.strip)


@register
class NormaliseUnicode(DataStep):
    code = "normalise_unicode"
    title = _("Clean up Unicode")
    help = _("The same word is then always the same characters.")
    params = (
        Param(
            "nfc",
            _("Write é as one character, not as e and an accent (NFC)"),
            "flag",
            default=True,
        ),
        Param(
            "invisible",
            _("Remove invisible and control characters; every line ends in the same way"),
            "flag",
            default=True,
        ),
        Param(
            "mojibake",
            _("Mend texts like “cafÃ©”, where that is certain"),
            "flag",
            default=True,
        ),
        Param("quotes", _("Write curly quotation marks as straight ones"), "flag", default=False),
    )
    nfc: bool
    invisible: bool
    mojibake: bool
    quotes: bool

    def change(self, data: Data) -> Data:
        return each_text(data, self._clean)

    def _clean(self, text: str) -> str:
        if self.mojibake and not text.isascii():
            text = mended(text)
        if self.invisible:
            text = INVISIBLE.sub("", LINE_ENDS.sub("\n", text))
        if self.quotes:
            text = text.translate(QUOTES)
        return unicodedata.normalize("NFC", text) if self.nfc and not text.isascii() else text


def mended(text: str) -> str:
    """Undo UTF-8 that was read as Windows-1252; only where all of a text says so."""
    for _round in range(MOST_ROUNDS):
        if text.isascii() or not all(char < "\x80" or char in CP1252 for char in text):
            break
        try:
            text = bytes(_bytes(text)).decode()
        except UnicodeDecodeError:
            break
    return text


def _bytes(text: str) -> Iterable[int]:
    return (ord(char) if char < "\x80" else CP1252[char] for char in text)


@register
class ReplaceText(DataStep):
    code = "replace_text"
    title = _("Replace a text")
    help = _("In every message, prompt and completion; capitals count. Write \\n for a line break.")
    params = (
        Param("find", _("Find"), is_required=True),
        Param("by", _("Replace by"), help=_("Leave empty to remove what is found.")),
    )
    find: str
    by: str

    def __init__(self, **params: Any) -> None:
        super().__init__(**params)
        self.find, self.by = spelled(self.find), spelled(self.by)

    def change(self, data: Data) -> Data:
        return each_text(data, lambda text: text.replace(self.find, self.by))
