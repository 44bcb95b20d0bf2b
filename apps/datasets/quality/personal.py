"""E-mail addresses, phone numbers, cards, accounts, ids and addresses of machines (pure).

A number counts only when something speaks for it: its check digit, the numbering plan of its
country, or the word before it. Text is first mapped to its shape (digits to 0, capitals to A), in
which candidates are found by literals, fast; only those are looked at closely.
"""

import ipaddress
import re
from collections.abc import Iterator

from apps.datasets.quality.hits import CERTAIN, GUESS, LIKELY, Hit
from apps.datasets.quality.national import NATIONAL, national_id

SHAPE = bytes.maketrans(
    b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
    b"0" * 10 + b"A" * 26 + b"a" * 26,
)
LOCAL_PART = re.compile(rb"[A-Za-z0-9][A-Za-z0-9._%+'-]{0,63}\Z")
DOMAIN = re.compile(rb"@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.){1,6}([A-Za-z]{2,24})")
RESERVED = re.compile(rb"@(?:.*\.)?(?:example\.(?:com|org|net)|example|test|invalid|localhost)\Z")
NO_TOP_LEVEL = frozenset((b"png", b"jpg", b"jpeg", b"gif", b"svg", b"webp", b"js", b"css", b"py"))
NUMBER = re.compile(rb"0(?:[ .\-/]{0,2}[()]?[ ]?0){6,24}")
IBAN = re.compile(rb"AA00(?: ?[A0]{4}){2,7}(?: ?[A0]{1,3})?(?![A0a])")
IPV4 = re.compile(rb"0(?:00?)?\.0(?:00?)?\.0(?:00?)?\.0(?:00?)?")
IPV6 = re.compile(
    rb"(?<![\w:.])(?:[0-9A-Fa-f]{1,4}:){2,7}(?:(?::[0-9A-Fa-f]{1,4}){1,5}|[0-9A-Fa-f]{1,4})"
)
COLONS = re.compile(rb":[0-9A-Fa-f]{0,4}:[0-9A-Fa-f]{0,4}:")  # the middle of such an address
VERSION = re.compile(rb"(?:version|\bv|release|==|build)[ =:]{0,3}\Z", re.IGNORECASE)
CARD = re.compile(rb"(?:4\d{3}|5[1-5]\d\d|2[2-7]\d\d|6(?:011|22\d|4[4-9]\d|5\d\d)|35\d\d)")
GROUPED = re.compile(
    rb"(?<!\d)\d{4}([ -])\d{4}\1\d{4}\1\d{4}(?!\d)|(?<!\d)3[47]\d\d([ -])\d{6}\2\d{5}(?!\d)"
)
BARE = re.compile(rb"(?<![\w.])\d{14,19}(?!\w|\.\d)")
ABOUT_PHONE = re.compile(
    rb"(?:phone|tel|telephone|mobile|cell|fax|call|whatsapp|sms|handy|m\xc3\xb3vil"
    rb"|\xe7\x94\xb5\xe8\xaf\x9d|\xe6\x89\x8b\xe6\x9c\xba|\xe8\x81\x94\xe7\xb3\xbb)[^\d\0\n]{0,20}\Z",
    re.IGNORECASE,
)
NORTH_AMERICAN = re.compile(rb"\(?[2-9]\d\d(?:\) ?|[ .-])[2-9]\d\d[ .-]\d{4}\Z")
CHINESE_MOBILE = re.compile(rb"1[3-9]\d(?:[ -]?)\d{4}(?:[ -]?)\d{4}\Z")
REGIONS = ("US", "GB", "DE", "FR", "CN", "IN", "ES", "IT", "BR", "JP", "NL", "AU")
BESIDE = 32  # bytes before a number in which a word explains it


def personal(data: bytes) -> Iterator[Hit]:
    """Find what belongs to one person, the surest kinds first."""
    shape = data.translate(SHAPE)
    yield from _accounts(data, shape)
    numbers = [match.span() for match in NUMBER.finditer(shape)]
    yield from _cards(data, numbers)
    yield from _ids(data, shape)
    yield from _emails(data)
    yield from _phones(data, numbers)
    yield from _addresses(data, shape)


def _emails(data: bytes) -> Iterator[Hit]:
    at = data.find(b"@")
    while at >= 0:
        local, domain = LOCAL_PART.search(data, max(0, at - 64), at), DOMAIN.match(data, at)
        if local and domain and _is_mail(local[0], domain):
            yield Hit(local.start(), domain.end(), "email", CERTAIN)
        at = data.find(b"@", at + 1)


def _is_mail(local: bytes, domain: "re.Match[bytes]") -> bool:
    """Leave out addresses that belong to nobody, and what only looks like one."""
    if domain[1].lower() in NO_TOP_LEVEL or local == b"git":
        return False
    return not RESERVED.search(domain[0].lower())


def _accounts(data: bytes, shape: bytes) -> Iterator[Hit]:
    if b"AA00" not in shape:
        return
    from stdnum import iban

    at = 0
    while match := IBAN.search(shape, at):
        text = data[match.start() : match.end()].decode()
        size = next((end for end in _ends(text) if iban.is_valid(text[:end])), 0)
        if size:
            yield Hit(match.start(), match.start() + size, "iban", CERTAIN)
        at = match.start() + (size or 4)  # another one may begin where this one ends


def _ends(text: str) -> list[int]:
    """Where an account number may end: a capitalised word may follow it after a space."""
    return [len(text), *(at for at in range(len(text) - 1, 15, -1) if text[at] == " ")]


def _cards(data: bytes, numbers: list[tuple[int, int]]) -> Iterator[Hit]:
    for start, end in numbers:
        if end - start < 14:
            continue
        for match in GROUPED.finditer(data, start, end):
            if _is_card(match[0]):
                yield Hit(*match.span(), "card", CERTAIN)
        for match in BARE.finditer(data, start, end):
            if _is_card(match[0]):
                yield Hit(*match.span(), "card", LIKELY)


def _is_card(text: bytes) -> bool:
    """One in ten numbers passes the check digit by chance, so the issuer must fit as well."""
    from stdnum import luhn

    digits = re.sub(rb"\D", b"", text)
    american = len(digits) == 15 and digits[:2] in (b"34", b"37")
    usual = len(digits) == 16 and CARD.match(digits)
    return bool(american or usual) and len(set(digits)) > 1 and luhn.is_valid(digits.decode())


def _ids(data: bytes, shape: bytes) -> Iterator[Hit]:
    for kind in NATIONAL:
        for match in kind.form.finditer(shape) if kind.literal in shape else ():
            if sure := national_id(kind, data, *match.span()):
                yield Hit(*match.span(), "national_id", sure)


def _phones(data: bytes, numbers: list[tuple[int, int]]) -> Iterator[Hit]:
    for start, end in numbers:
        if data[start - 1 : start] == b"(":
            start -= 1
        if data[start - 1 : start] == b"+":
            start -= 1
        if (start and data[start - 1 : start].isalnum()) or data[end : end + 1].isalnum():
            continue
        if sure := _phone(data[start:end], data[max(0, start - BESIDE) : start]):
            yield Hit(start, end, "phone", sure)


def _phone(text: bytes, before: bytes) -> str:
    digits = sum(48 <= byte <= 57 for byte in text)
    if not 7 <= digits <= 15:
        return ""
    if text.startswith(b"+"):
        return LIKELY if _is_valid(text, ("ZZ",)) else ""
    if ABOUT_PHONE.search(before):
        return LIKELY if _is_valid(text, REGIONS) else ""
    if NORTH_AMERICAN.match(text):
        return LIKELY if _is_valid(text, ("US",)) else ""
    return GUESS if CHINESE_MOBILE.match(text) and _is_valid(text, ("CN",)) else ""


def _is_valid(text: bytes, regions: tuple[str, ...]) -> bool:
    """Ask the numbering plans. ZZ: the number itself says which country it is in."""
    import phonenumbers

    for region in regions:
        try:
            if phonenumbers.is_valid_number(phonenumbers.parse(text.decode(), region)):
                return True
        except phonenumbers.NumberParseException:
            continue
    return False


def _addresses(data: bytes, shape: bytes) -> Iterator[Hit]:
    for match in IPV4.finditer(shape):
        start, end = match.span()
        inside = data[start - 1 : start].isalnum() or data[start - 1 : start] == b"."
        if inside or data[end : end + 1].isalnum() or re.match(rb"\.\w", data[end : end + 2]):
            continue
        if _is_public(data[start:end]) and not VERSION.search(data, max(0, start - 12), start):
            yield Hit(start, end, "ip_address", LIKELY)
    for middle in COLONS.finditer(data):
        for match in IPV6.finditer(data, max(0, middle.start() - 20), middle.end() + 40):
            if match[0].count(b":") >= 4 and _is_public(match[0]):
                yield Hit(*match.span(), "ip_address", LIKELY)


def _is_public(text: bytes) -> bool:
    """Addresses of private networks and of examples tell nothing about anybody."""
    try:
        return ipaddress.ip_address(text.decode()).is_global
    except ValueError:
        return False
