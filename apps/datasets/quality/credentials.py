"""Keys, tokens and passwords, known by the forms that their makers gave them (pure).

Each form begins with a literal, so that text without it costs one search. Sources are the makers'
own documents and the public rules of secret scanners (gitleaks, GitHub secret scanning).
"""

import base64
import binascii
import re
from collections.abc import Iterator
from math import log2

import orjson

from apps.datasets.quality.hits import CERTAIN, GUESS, LIKELY, Hit
from apps.datasets.quality.literals import Literals

B = rb"(?<![A-Za-z0-9])"  # not in the middle of a word
E = rb"(?![A-Za-z0-9])"

# kind, literal, form, how sure
FORMS: tuple[tuple[str, bytes, bytes, str], ...] = (
    ("anthropic_key", b"sk-ant-", rb"sk-ant-[\w-]{20,200}", LIKELY),
    ("openai_key", b"sk-proj-", rb"sk-proj-[\w-]{20,200}", LIKELY),
    ("openai_key", b"sk-svcacct-", rb"sk-svcacct-[\w-]{20,200}", LIKELY),
    ("openai_key", b"sk-admin-", rb"sk-admin-[\w-]{20,200}", LIKELY),
    ("api_key", b"sk-or-v1-", rb"sk-or-v1-[0-9a-f]{64}", LIKELY),
    ("api_key", b"sk-", rb"sk-(?=[A-Za-z]{0,60}\d)[A-Za-z0-9]{20,64}", LIKELY),
    ("api_key", b"gsk_", rb"gsk_[A-Za-z0-9]{40,64}", LIKELY),
    ("api_key", b"xai-", rb"xai-[A-Za-z0-9]{60,100}", LIKELY),
    ("api_key", b"nvapi-", rb"nvapi-[\w-]{40,100}", LIKELY),
    ("hugging_face_token", b"hf_", rb"hf_[A-Za-z0-9]{30,40}", LIKELY),
    ("aws_key", b"AKIA", rb"AKIA[0-9A-Z]{16}", LIKELY),
    ("aws_key", b"ASIA", rb"ASIA[0-9A-Z]{16}", LIKELY),
    ("google_key", b"AIza", rb"AIza[\w-]{35}", LIKELY),
    ("google_key", b"GOCSPX-", rb"GOCSPX-[\w-]{28}", LIKELY),
    ("google_key", b"ya29.", rb"ya29\.[\w-]{30,400}", LIKELY),
    ("alibaba_key", b"LTAI", rb"LTAI[0-9A-Za-z]{12,26}", LIKELY),
    ("tencent_key", b"AKID", rb"AKID[0-9A-Za-z]{32}", LIKELY),
    ("azure_key", b"AccountKey=", rb"AccountKey=[A-Za-z0-9+/]{86}==", LIKELY),
    ("github_token", b"github_pat_", rb"github_pat_\w{60,100}", LIKELY),
    *(("github_token", p, p + rb"[A-Za-z0-9]{36,255}", LIKELY) for p in (b"ghp_", b"gho_")),
    *(("github_token", p, p + rb"[A-Za-z0-9]{36,255}", LIKELY) for p in (b"ghu_", b"ghs_")),
    ("github_token", b"ghr_", rb"ghr_[A-Za-z0-9]{36,255}", LIKELY),
    ("gitlab_token", b"glpat-", rb"glpat-[\w-]{20,64}", LIKELY),
    ("slack_token", b"xox", rb"xox[abeoprs]-[A-Za-z0-9-]{10,250}", LIKELY),
    ("slack_token", b"xapp-", rb"xapp-\d-[A-Za-z0-9-]{20,250}", LIKELY),
    ("slack_token", b"hooks.slack.com/", rb"hooks\.slack\.com/services/[\w/]{20,80}", LIKELY),
    ("stripe_key", b"sk_live_", rb"sk_live_[A-Za-z0-9]{16,247}", LIKELY),
    ("stripe_key", b"rk_live_", rb"rk_live_[A-Za-z0-9]{16,247}", LIKELY),
    ("stripe_key", b"sk_test_", rb"sk_test_[A-Za-z0-9]{16,247}", LIKELY),
    ("stripe_key", b"whsec_", rb"whsec_[A-Za-z0-9+/=]{24,100}", LIKELY),
    ("npm_token", b"npm_", rb"npm_[A-Za-z0-9]{36}", LIKELY),
    ("pypi_token", b"pypi-AgE", rb"pypi-AgE[\w-]{50,1000}", LIKELY),
    ("sendgrid_key", b"SG.", rb"SG\.[\w-]{20,24}\.[\w-]{39,50}", LIKELY),
    ("digitalocean_token", b"dop_v1_", rb"dop_v1_[0-9a-f]{64}", LIKELY),
    ("databricks_token", b"dapi", rb"dapi[0-9a-f]{32}", LIKELY),
    ("shopify_token", b"shp", rb"shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}", LIKELY),
    ("telegram_token", b":AA", rb":AA[\w-]{33}", LIKELY),
)
COMPILED = tuple((k, m, re.compile(B * (m != b":AA") + form + E), s) for k, m, form, s in FORMS)
WRITTEN_AS = Literals(literal for _, literal, _, _ in FORMS)
TOKEN_ID = re.compile(rb"\d{8,10}\Z")

KEY_BEGIN = b"-----BEGIN "
KEY_BLOCK = re.compile(
    rb"-----BEGIN (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----"
    rb"[A-Za-z0-9+/=\s:,.\\()-]{10,20000}?"
    rb"-----END (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----"
)
JWT_BEGIN = b"eyJ"
JWT = re.compile(B + rb"(eyJ[\w-]{10,2000})\.(eyJ[\w-]{5,8000})\.[\w-]{20,2000}")
URL_PASSWORD = re.compile(rb"://[^\s:/@\0\"'<>]{1,64}:(?!\[)([^\s/@\0\"'<>:]{3,128})@[\w.-]")

NAMES: tuple[bytes, ...] = (
    b"password", b"passwd", b"pwd", b"secret", b"api_key", b"api-key", b"apikey",
    b"access_key", b"access_token", b"auth_token", b"client_secret",
)  # fmt: skip
ASSIGNED = {
    name: re.compile(
        name + rb"[\"']{0,2}\s{0,3}(?:=>|:=|=|:)\s{0,3}[\"'`]?([^\s\"'`<>\0,;(){}\[\]$\\]{8,100})"
    )
    for name in NAMES
}
NAMED = Literals(NAMES)
PLACEHOLDER = re.compile(rb"your|example|xxx|\*\*|\.\.\.|placeholder|changeme|dummy|getenv|environ")
LEAST_BITS = 3.0  # per character; words and repeated signs have less


def credentials(data: bytes, lower: bytes) -> Iterator[Hit]:
    """Find what opens a door. `lower` is the same text in small letters."""
    if KEY_BEGIN in data:
        yield from (Hit(*m.span(), "private_key", CERTAIN) for m in KEY_BLOCK.finditer(data))
    if JWT_BEGIN in data:
        yield from _web_tokens(data)
    there = WRITTEN_AS.inside(data)
    for kind, literal, form, sure in COMPILED if there else ():
        if literal in there:
            yield from _of_form(data, kind, literal, form, sure)
    if b"://" in data and b"@" in data:
        for match in URL_PASSWORD.finditer(data):
            if not PLACEHOLDER.search(match[1].lower()) and match[1] != b"password":
                yield Hit(*match.span(1), "url_password", LIKELY)
    yield from _assigned(data, lower)


def _of_form(
    data: bytes, kind: str, literal: bytes, form: "re.Pattern[bytes]", sure: str
) -> Iterator[Hit]:
    for match in form.finditer(data):
        start, end = match.span()
        if literal == b":AA":
            before = TOKEN_ID.search(data[max(0, start - 10) : start])
            if not before:
                continue
            start -= len(before[0])
        if _is_varied(data[start + len(literal) : end]):
            yield Hit(start, end, kind, sure)


def _is_varied(value: bytes) -> bool:
    """Tell a key from `sk-xxxxxxxx` in a manual."""
    return len(set(value)) >= 8


def _web_tokens(data: bytes) -> Iterator[Hit]:
    for match in JWT.finditer(data):
        if _has_algorithm(match[1]):
            yield Hit(*match.span(), "json_web_token", CERTAIN)


def _has_algorithm(part: bytes) -> bool:
    """A JSON Web Token begins with an object that names its algorithm (RFC 7519)."""
    try:
        head = orjson.loads(base64.urlsafe_b64decode(part + b"=" * (-len(part) % 4)))
    except (binascii.Error, ValueError):
        return False
    return isinstance(head, dict) and "alg" in head


def _assigned(data: bytes, lower: bytes) -> Iterator[Hit]:
    for name in NAMED.inside(lower):
        for match in ASSIGNED[name].finditer(lower):
            value = data[match.start(1) : match.end(1)].rstrip(b".!?")
            is_call = data[match.end(1) : match.end(1) + 1] == b"("  # a function makes the value
            if _is_random(value) and not is_call:
                yield Hit(match.start(1), match.start(1) + len(value), "password", GUESS)


def _is_random(value: bytes) -> bool:
    """Letters and digits mixed, and as varied as a generated password is."""
    has_both = re.search(rb"\d", value) and re.search(rb"[A-Za-z]", value)
    if not has_both or PLACEHOLDER.search(value.lower()):
        return False
    counts = [value.count(byte) for byte in set(value)]
    bits = -sum(n / len(value) * log2(n / len(value)) for n in counts)
    return bits >= min(LEAST_BITS, log2(len(value)) - 0.5)
