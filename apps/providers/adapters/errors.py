"""Turns whatever goes wrong with a provider into our two errors, in words and without secrets."""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from html import unescape
from typing import Any

import httpx2
from django.utils.translation import gettext_noop as _

from apps.core.sentences import Sentence
from apps.core.storable import storable
from apps.providers.adapters.answers import BrokenOff, NotJson
from apps.providers.network.guard import AddressRefused, AnswerRefused
from apps.providers.types import ProviderError, ProviderUnavailable

MAX_WORDS = 1000
SHORTEST_SECRET = 8  # where a server needs no key people enter any word, which is in any text
MAX_RETRY_AFTER = 3600.0
NOT_NOW = frozenset({408, 409, 425, 429})  # 409: OpenAI's word for "locked, try again"
WORDY = ("message", "detail", "error_description", "error", "msg")
OUT_OF_CREDIT = frozenset(
    {"insufficient_quota", "credit_balance_exhausted", "billing_hard_limit_reached"}
)


@dataclass(frozen=True, slots=True)
class Translator:
    """Knows which server it speaks about, and which secret must never be repeated."""

    origin: str
    key: str

    @contextmanager
    def errors(self) -> Iterator[None]:
        """Let nothing out but ProviderError and ProviderUnavailable."""
        try:
            yield
        except (httpx2.HTTPError, TimeoutError) as exc:
            raise self.from_network(exc) from None
        except httpx2.InvalidURL:
            words = Sentence(_("The address %(origin)s cannot be used."), origin=self.origin)
            raise ProviderError(words, code="bad_address") from None
        except NotJson:
            raise self.garbage() from None

    def garbage(self) -> ProviderUnavailable:
        """Return the error for an answer that is not what the provider's API promises."""
        words = _("The server at %(origin)s sent an answer that is not in the format of its API.")
        return ProviderUnavailable(Sentence(words, origin=self.origin))

    def in_answer(self, error: Any) -> ProviderError | ProviderUnavailable:
        """Return the error for an `error` object where a piece of an answer should be."""
        facts = error if isinstance(error, Mapping) else {}
        words = self.clean(_words_in(error)) or Sentence(_("The answer broke off."))
        if _is_not_now(facts):
            return ProviderUnavailable(words)
        return ProviderError(words, code=self.clean(str(facts.get("code") or "")))

    def cut_off(self) -> ProviderUnavailable:
        """Return the error for an answer that stops without saying that it is over."""
        return ProviderUnavailable(Sentence(_("The answer broke off.")))

    def refused(
        self, status: int, body: Any, headers: Mapping[str, str]
    ) -> ProviderError | ProviderUnavailable:
        """Return the error for an answer that says no, `body` as it came."""
        code = self.clean(_code_in(body))
        words = self._sentence(status, code, self.clean(_own_words(body)))
        if code in OUT_OF_CREDIT or not _may_pass(status):
            return ProviderError(words, code=code, status=status)
        wait = _retry_after(headers)
        return ProviderUnavailable(words, retry_after=wait, code=code, status=status)

    def _sentence(self, status: int, code: str, words: str) -> str:
        if status in {400, 422} or code == "training_not_available":
            return words or Sentence(_("The request was refused without a reason."))
        template = _template(status, code)
        return Sentence(template, origin=self.origin, status=status, words=words or "–")

    def from_network(self, cause: BaseException) -> ProviderError | ProviderUnavailable:
        if isinstance(cause, AddressRefused):
            return ProviderError(self._words_of(cause), code="address_refused")
        if isinstance(cause, AnswerRefused):
            return ProviderError(self._words_of(cause), code="answer_refused")
        if isinstance(cause, BrokenOff):
            return self.cut_off()
        if isinstance(cause, TimeoutError | httpx2.TimeoutException):
            words = _("The server at %(origin)s did not answer in time.")
            return ProviderUnavailable(Sentence(words, origin=self.origin))
        words = _("The server at %(origin)s could not be reached: %(words)s")
        cause_words = self._words_of(cause) or "–"
        return ProviderUnavailable(Sentence(words, origin=self.origin, words=cause_words))

    def _words_of(self, cause: BaseException) -> str:
        """Return what a failure below us says: a sentence of the guard, or a library's words."""
        words = cause.args[0] if cause.args else ""
        return words if isinstance(words, Sentence) else self.clean(str(cause))

    def clean(self, words: str) -> str:
        is_secret = len(self.key) >= SHORTEST_SECRET
        without_key = words.replace(self.key, "•••") if is_secret else words
        return " ".join(storable(without_key).split())[:MAX_WORDS]


def _template(status: int, code: str) -> str:
    if status == 401:
        return _("The server at %(origin)s refused the key (401): %(words)s")
    if status == 403:
        return _("The server at %(origin)s does not allow this (403): %(words)s")
    if status == 404:
        return _("The server at %(origin)s does not know this (404): %(words)s")
    if status == 402 or code in OUT_OF_CREDIT:
        return _("The account at %(origin)s has no credit left (%(status)s): %(words)s")
    if status == 429:
        return _("The server at %(origin)s asks for fewer requests (429): %(words)s")
    if 300 <= status < 400:
        return _("The server at %(origin)s points elsewhere (%(status)s); that is not followed.")
    return _("The server at %(origin)s failed (%(status)s): %(words)s")


def _own_words(body: Any) -> str:
    """Return the message in an error body of any of the shapes servers use."""
    return _page_words(body) if isinstance(body, str) else _words_in(body)


def _code_in(body: Any) -> str:
    """Return the error code: in `error` where the body is whole, else at the top."""
    facts = body if isinstance(body, Mapping) else {}
    inner = facts.get("error")
    if isinstance(inner, str):  # as Entra has it
        return inner
    return str((inner if isinstance(inner, Mapping) else facts).get("code") or "")


def _words_in(value: Any) -> str:
    if isinstance(value, Mapping):
        named = (value[name] for name in WORDY if value.get(name))
        found = next(named, None)
        return _words_in(found) if found else _as_json(value)
    return value if isinstance(value, str) else _as_json(value)


def _as_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str) if value else ""


def _page_words(page: str) -> str:
    """Return the title of an HTML page (a proxy's, mostly), or its text."""
    title = re.search(r"<title[^>]*>(.*?)</title>", page, re.IGNORECASE | re.DOTALL)
    return unescape(title[1] if title else re.sub(r"<[^>]*>", " ", page))


def _may_pass(status: int) -> bool:
    """True when the same request may succeed later."""
    return status >= 500 or status in NOT_NOW


def _is_not_now(error: Mapping[str, Any]) -> bool:
    """The same for an error without a status; proxies put theirs into `code`."""
    code = error.get("code")
    if isinstance(code, int):
        return _may_pass(code)
    return error.get("type") == "server_error" or "rate_limit" in str(code)


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds to wait, told in milliseconds, in seconds or as a date."""
    told = headers.get("retry-after", "")
    milliseconds = headers.get("retry-after-ms", "")
    waits = (_seconds(milliseconds, unit=0.001), _seconds(told), _seconds_until(told))
    return next((min(wait, MAX_RETRY_AFTER) for wait in waits if wait is not None), None)


def _seconds(number: str, *, unit: float = 1.0) -> float | None:
    try:
        seconds = float(number) * unit
    except ValueError:
        return None
    return seconds if 0 <= seconds < float("inf") else None


def _seconds_until(http_date: str) -> float | None:
    try:
        moment = parsedate_to_datetime(http_date)
    except (ValueError, OverflowError):
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (aware - datetime.now(UTC)).total_seconds())
