"""What was left in a text by mistake, or put there to steer a model (pure)."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from apps.datasets.quality.hits import CERTAIN, GUESS, LIKELY
from apps.datasets.quality.literals import Literals

LONGEST_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Debris:
    """Bytes `start` to `end` are of this kind; `code` is its rule."""

    start: int
    end: int
    code: str
    sure: str


@dataclass(frozen=True, slots=True)
class _Form:
    code: str
    literal: bytes  # in small letters
    form: "re.Pattern[bytes]"
    sure: str
    test: Callable[[bytes], bool] | None = None


def _form(code: str, literal: bytes, form: bytes, sure: str = LIKELY, **more: Any) -> _Form:
    return _Form(code, literal, re.compile(form, re.IGNORECASE), sure, **more)


def _is_garbled(text: bytes) -> bool:
    """Read as Latin text by mistake: undoing that gives valid UTF-8 (after the idea of ftfy)."""
    try:
        return len(text.decode().encode("cp1252").decode()) < len(text.decode())
    except UnicodeError:
        return False


# A letter such as Ã or â, and the signs that the rest of its bytes were read as.
_HIGH = rb"(?:\xc3\x83|\xc3\x82|\xc3\xa2|\xc3\xb0)"
_REST = rb"(?:\xc2[\x80-\xbf]|\xc5[\x92\x93\xa0\xa1\xb8\xbd\xbe]|\xc6\x92|\xcb[\x86\x9c]"
_REST += rb"|\xe2\x80[\x90-\xbf]|\xe2\x82\xac|\xe2\x84\xa2)"
GARBLED = _HIGH + _REST + rb"{1,3}"

# Signs that turn the order of what people see, and the invisible letters that flags are made of.
TURNED = rb"\xe2\x80[\xad\xae]"
_TAG = rb"\xf3\xa0[\x80\x81][\x80-\xbf]"
TAGS = rb"(?<!\xf0\x9f\x8f\xb4)(?<!" + _TAG + rb")(?:" + _TAG + rb")+"

ABOVE = rb"(?:ignore|disregard) the instructions above"
ASKED_FOR = rb"(?:reveal|print|repeat|show)\s+(?:me\s+)?your\s+system\s+prompt"
SPECIAL, TEMPLATE = "special_token", "unfilled_template"
FORMS = (
    _form(TEMPLATE, b"{{", rb"\{\{[ ]?[a-z_][\w .|]{0,40}\}\}"),
    _form(TEMPLATE, b"[your", rb"\[your [\w ]{2,30}\]"),
    _form(TEMPLATE, b"[insert", rb"\[insert [\w ]{2,40}\]"),
    _form(TEMPLATE, b"<your", rb"<your[ _-][\w -]{2,30}>"),
    _form(SPECIAL, b"<|", rb"<\|[a-z_]{3,30}\|>"),
    _form(SPECIAL, b"[inst]", rb"\[/?INST\]"),
    _form(SPECIAL, b"[/inst]", rb"\[/INST\]"),
    _form(SPECIAL, b"<<sys>>", rb"<</?SYS>>"),
    _form(SPECIAL, b"<start_of_turn>", rb"<start_of_turn>"),
    _form(SPECIAL, b"<end_of_turn>", rb"<end_of_turn>"),
    _form(SPECIAL, b"</s>", rb"</s>", GUESS),
    _form(SPECIAL, b"<think>", rb"<think>", GUESS),
    _form(SPECIAL, b"\n\nhuman:", rb"\n\nHuman:"),
    _form(SPECIAL, b"\n\nassistant:", rb"\n\nAssistant:"),
    _form(SPECIAL, b"### instruction:", rb"### Instruction:"),
    _form(SPECIAL, b"### response:", rb"### Response:"),
    _form("model_phrase", b"as an ai language model", rb"as an ai language model"),
    _form("model_phrase", b"as a large language model", rb"as a large language model"),
    _form("model_phrase", b"knowledge cutoff", rb"\bmy knowledge cutoff\b"),
    _form("model_phrase", b"trained by openai", rb"(?:developed|trained|created) by openai"),
    _form("model_phrase", b"created by openai", rb"created by openai"),
    _form("model_phrase", "作为一个人工智能".encode(), "作为一个人工智能(?:语言模型)?".encode()),
    _form("model_phrase", "作为一个ai".encode(), "作为一个AI(?:语言)?(?:模型|助手)".encode()),
    _form("filler_text", b"lorem ipsum", rb"lorem ipsum(?: dolor)?"),
    _form("html_entity", b"&amp;", rb"&amp;"),
    _form("html_entity", b"&lt;", rb"&lt;"),
    _form("html_entity", b"&gt;", rb"&gt;"),
    _form("html_entity", b"&quot;", rb"&quot;"),
    _form("html_entity", b"&nbsp;", rb"&nbsp;"),
    _form("html_entity", b"&#39;", rb"&#39;"),
    *(_form("garbled_text", sign.encode(), GARBLED, CERTAIN, test=_is_garbled) for sign in "ÃÂâð"),
    _form("replacement_character", "\ufffd".encode(), "\ufffd".encode(), CERTAIN),
    *(_form("hidden_text", sign.encode(), TURNED) for sign in "\u202d\u202e"),
    *(_form("hidden_text", start, TAGS) for start in (b"\xf3\xa0\x80", b"\xf3\xa0\x81")),
    _form(
        "prompt_injection",
        b"previous instructions",
        rb"(?:ignore|disregard|forget)\s+(?:all\s+)?(?:of\s+)?(?:the\s+|your\s+|my\s+)?"
        rb"previous\s+instructions",
    ),
    _form("prompt_injection", b"instructions above", ABOVE),
    _form("prompt_injection", b"system prompt", ASKED_FOR),
    _form("prompt_injection", b"developer mode", rb"you are now in developer mode"),
    _form("prompt_injection", b"do anything now", rb"do anything now"),
    _form("prompt_injection", "忽略之前".encode(), "忽略之前的?(?:所有)?(?:指令|指示)".encode()),
    _form("prompt_injection", "忽略以上".encode(), "忽略以上的?(?:所有)?(?:指令|指示)".encode()),
)
WRITTEN_AS = Literals(form.literal for form in FORMS)


def debris(data: bytes, lower: bytes) -> Iterator[Debris]:
    """Find every place. `lower` is the same text in small ASCII letters."""
    there = WRITTEN_AS.inside(lower)
    seen = set()
    for form in FORMS if there else ():
        if form.literal in there:
            for match in form.form.finditer(data):
                if match.span() not in seen and (form.test is None or form.test(match[0])):
                    seen.add(match.span())
                    yield Debris(*match.span(), form.code, form.sure)
