"""Numbers in answers: separators, percent signs and units are read, and said."""

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal, localcontext
from typing import Any

from apps.evals.graders.types import Grade, Grading, Options

MOST_CHARACTERS = 100_000
DIGITS_KEPT = 200
# Spaces that only stand within numbers, before NFKC makes plain ones of them.
NARROW = str.maketrans(dict.fromkeys("\u00a0\u2009\u202f", "_"))
SIGNS = str.maketrans({"−": "-", "’": "'", "﹣": "-", "\u2012": "-"})
NUMBER = re.compile(
    r"(?<![\w.,])(?P<before>[$€£¥₹]?)(?P<sign>[-+]?)(?P<currency>[$€£¥₹]?)"
    r"(?P<digits>\d{1,100}(?:[.,'_]\d{1,100}){0,40}|\.\d{1,100})(?P<exponent>[eE][-+]?\d{1,3})?"
    r"[ _]?(?P<unit>%|‰|[$€£¥₹]|°?[^\W\d_]{1,20}|°)?"
)
SHARES = {"%": Decimal(100), "percent": Decimal(100), "‰": Decimal(1000)}
GROUPED = re.compile(r"\d*|\d{1,4}(?:[.,'_]\d{2,4})*[.,'_]\d{3,4}")


@dataclass(frozen=True, slots=True)
class Number:
    """A number as it was written, what it is, and its unit."""

    written: str
    value: Decimal
    unit: str

    @property
    def share(self) -> Decimal:
        """What it is as a share: 12 % is 0.12, and 0.12 is itself."""
        return self.value / SHARES.get(self.unit, 1)


def number(options: Options) -> Grading:
    """The number in the answer is the expected one, within a tolerance."""

    def grading(expected: str, answer: str) -> Grade:
        wanted = _chosen(expected, options)
        if wanted is None:
            return Grade.none("expected_no_number")
        found = numbers_in(answer, options["decimal"])
        if not found:
            return Grade.wrong("number_missing")
        if options["take"] == "only" and len(found) > 1:
            return Grade.wrong("number_several", count=len(found))
        return compared(wanted, found[0 if options["take"] == "first" else -1], options)

    return grading


def compared(wanted: Number, found: Number, options: Options) -> Grade:
    """Compare two numbers, and their units where that is asked for."""
    shown: dict[str, Any] = {"answer": _shown(found), "expected": _shown(wanted)}
    if options["unit"] == "same" and wanted.unit and found.unit != wanted.unit:
        units: dict[str, Any] = {"found": found.unit or "–", "wanted": wanted.unit}
        return Grade.wrong("number_unit", **shown, **units)
    with localcontext(prec=DIGITS_KEPT):
        if wanted.value == found.value:
            return Grade.right("number_same", **shown)
        if _is_near(wanted.value, found.value, options):
            return Grade.right("number_near", **shown)
        is_one_share = (wanted.unit in SHARES) != (found.unit in SHARES)
        if is_one_share and _is_near(wanted.share, found.share, options):
            return Grade.right("number_percent", **shown)
    return Grade.wrong("number_differs", **shown)


def numbers_in(text: str, decimal: str) -> list[Number]:
    """Return the numbers in a text, in order. `decimal`: which sign begins the fraction."""
    text = unicodedata.normalize("NFKC", text[:MOST_CHARACTERS].translate(NARROW))
    text = text.translate(SIGNS)
    found = (_number(match, decimal) for match in NUMBER.finditer(text))
    return [each for each in found if each is not None]


def _number(match: re.Match[str], decimal: str) -> Number | None:
    digits = plain(match["digits"], decimal)
    if digits is None:
        return None
    value = Decimal(f"{match['sign']}{digits}{match['exponent'] or ''}")
    unit = match["unit"] or match["currency"] or match["before"] or ""
    written = match[0].replace("_", " ").strip()
    return Number(written, value, unit.casefold())


def plain(digits: str, decimal: str = "auto") -> str | None:
    """Return digits with a point for the fraction and nothing else; None where that is no number.

    1.234,5 is 1234.5; 1.2.3 is a version, and 1,5 is no number where the point begins the fraction.
    """
    point = _decimal_of(digits) if decimal == "auto" else decimal
    whole, _point, fraction = digits.rpartition(point) if point in digits else (digits, "", "")
    if point in whole:  # no number has two fractions: they group after all
        whole, fraction = digits, ""
    if not GROUPED.fullmatch(whole) or (fraction and not fraction.isdigit()):
        return None
    return f"{''.join(filter(str.isdigit, whole)) or '0'}.{fraction or '0'}"


def _decimal_of(digits: str) -> str:
    """Tell which sign begins the fraction: the last of two kinds; else by how it groups.

    A single comma before three digits groups (1,234), a single point does not (1.234): English.
    """
    last = max(digits.rfind(","), digits.rfind("."))
    if last < 0:
        return "."
    sign = digits[last]
    other = "." if sign == "," else ","
    if digits.count(sign) > 1:
        return other if digits.count(other) else "."
    groups = sign == "," and len(digits) - last == 4 and 0 < last < 4 and digits[0] != "0"
    return "." if groups else sign


def _is_near(wanted: Decimal, found: Decimal, options: Options) -> bool:
    allowed = Decimal(str(options["tolerance"]))
    if options["tolerance_of"] == "expected":
        allowed *= abs(wanted)
    return abs(wanted - found) <= allowed


def _chosen(text: str, options: Options) -> Number | None:
    found = numbers_in(text, options["decimal"])
    return found[0 if options["take"] == "first" else -1] if found else None


def _shown(number: Number) -> str:
    """Return it as written, with what it was taken for where separators could mean two things."""
    if not -25 < number.value.adjusted() < 25:
        return number.written
    value = format(number.value.normalize(), "f")
    return number.written if value in number.written else f"{number.written} (= {value})"
