"""Reads questions with their answers out of JSONL files, in the shapes that they are kept in.

One object per line: messages with an answer; messages that end with it, as training files do; a
request with its reply; or the lines of a batch, where requests and replies stand in two files and
meet by custom_id. What cannot be read is said by file and line, and nothing is guessed.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

import orjson
from django.utils.translation import gettext as _

from apps.core.storable import storable
from apps.evals.records.recordings import question_key
from apps.evals.records.wire_shapes import asked_in, facts_of, said_in

MOST_ANSWERS = 20_000
MOST_SAMPLES = 10  # answers to the same question
LONGEST_LINE = 1_000_000  # bytes
MOST_BAD_LINES = 200  # that are shown
BLANK = b"\xef\xbb\xbf \t\r\n"
LONGEST_SAID = 200  # characters of what a provider says

Messages = list[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Spoken:
    """One answer to one question; `sample` counts the answers to the same question."""

    question_key: str
    messages: Messages
    text: str
    sample: int = 0
    model: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that holds no answer, and why."""

    file: str
    line: int
    words: str


@dataclass(slots=True)
class Transcript:
    """Everything that the files hold."""

    answers: list[Spoken] = field(default_factory=list)
    bad: list[BadLine] = field(default_factory=list)  # the first of them
    bad_count: int = 0

    @property
    def model(self) -> str:
        """The model that gave most of the answers, where the files say so."""
        named = Counter(each.model for each in self.answers if each.model)
        return named.most_common(1)[0][0] if named else ""

    def tell(self, line: BadLine) -> None:
        """Count a bad line, and keep it if there is room."""
        self.bad_count += 1
        if len(self.bad) < MOST_BAD_LINES:
            self.bad.append(line)


class Unreadable(Exception):
    """This line holds no answer; `str()` says why, for people."""


def read(files: Sequence[tuple[str, Iterable[bytes]]]) -> Transcript:
    """Read all files together, twice: the requests of a batch may stand behind its replies."""
    found, samples = Transcript(), Counter[str]()
    requests = dict(_requests(files))
    for name, lines in files:
        for number, line in enumerate(lines, 1):
            if not line.strip(BLANK):
                continue
            try:
                _take(found, _object(line), requests, samples)
            except Unreadable as why:
                found.tell(BadLine(name, number, str(why)))
    return found


def _requests(files: Sequence[tuple[str, Iterable[bytes]]]) -> Iterator[tuple[str, Messages]]:
    """Yield what was asked by each custom_id; what cannot be read is told later."""
    for _name, lines in files:
        for line in lines:
            if b'"custom_id"' in line and b'"body"' in line:
                with suppress(Unreadable):
                    told = _object(line)
                    if _is_request(told):
                        yield str(told["custom_id"]), _messages(asked_in(told["body"]))


def _take(
    found: Transcript,
    told: Mapping[str, Any],
    requests: Mapping[str, Messages],
    samples: Counter[str],
) -> None:
    """Take the answers of one line; raises Unreadable."""
    if _is_request(told):
        _messages(asked_in(told["body"]))
        return
    for spoken in list(_spoken(told, requests)):
        _add(found, spoken, samples)


def _object(line: bytes) -> Mapping[str, Any]:
    if len(line) > LONGEST_LINE:
        raise Unreadable(_("This line is longer than %(limit)d bytes.") % {"limit": LONGEST_LINE})
    try:
        told = orjson.loads(line.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError:
        raise Unreadable(_("This is no JSON.")) from None
    if not isinstance(told, dict):
        raise Unreadable(_("This is no JSON object."))
    return dict(storable(told))


def _is_request(told: Mapping[str, Any]) -> bool:
    return "custom_id" in told and isinstance(told.get("body"), dict)


def _spoken(told: Mapping[str, Any], requests: Mapping[str, Messages]) -> Iterable[Spoken]:
    """Yield the answers of one line; raises Unreadable."""
    if "custom_id" in told:
        yield from _of_batch(told, requests)
    elif "choices" in told or "output" in told:
        yield from _of_reply(_messages(asked_in(told)), told)
    elif "answer" in told:
        facts = {name: told[name] for name in ("model",) if isinstance(told.get(name), str)}
        yield _one(_messages(told.get("messages")), told["answer"], **facts)
    elif "prompt" in told:
        yield _one([{"role": "user", "content": told["prompt"]}], told.get("completion"))
    else:
        messages = _messages(told.get("messages"))
        if messages[-1].get("role") != "assistant":
            raise Unreadable(_("There is no answer in this line."))
        yield _one(messages[:-1], messages[-1].get("content"))


def _of_batch(told: Mapping[str, Any], requests: Mapping[str, Messages]) -> Iterable[Spoken]:
    """Yield what a line of a batch's output holds."""
    response = told.get("response") or {}
    body = response.get("body") if isinstance(response, dict) else None
    if told.get("error") or not isinstance(body, dict) or response.get("status_code") != 200:
        raise Unreadable(_refused(told, body))
    asked = requests.get(str(told["custom_id"]))
    if asked is None:
        words = _(
            "No request with the custom_id “%(id)s” is in these files: add the batch's input."
        )
        raise Unreadable(words % {"id": str(told["custom_id"])[:LONGEST_SAID]})
    yield from _of_reply(asked, body)


def _refused(told: Mapping[str, Any], body: object) -> str:
    error = told.get("error") or (body.get("error") if isinstance(body, dict) else None)
    said = error.get("message") if isinstance(error, dict) else None
    if not isinstance(said, str):
        return _("The provider gave no answer to this request.")
    return _("The provider said no: %(said)s") % {"said": said[:LONGEST_SAID]}


def _of_reply(messages: Messages, body: Mapping[str, Any]) -> Iterable[Spoken]:
    """Yield every answer of a reply."""
    facts, said = facts_of(body), said_in(body)
    if not said:
        raise Unreadable(_("There is no answer in this line."))
    for text, reason in said:
        known = {**facts, "finish_reason": reason[:50]} if reason else facts
        yield _one(messages, text, model=facts.get("served_model", ""), facts=known)


def _one(messages: Messages, text: Any, **known: Any) -> Spoken:
    if not isinstance(text, str):
        raise Unreadable(_("The answer is no text."))
    if not messages or not any(each.get("role") == "user" for each in messages):
        raise Unreadable(_("Nobody asks anything in this line."))
    return Spoken(question_key(messages), messages, text, **known)


def _messages(told: Any) -> Messages:
    if not isinstance(told, list) or not told or not all(map(_is_message, told)):
        raise Unreadable(_("The messages are missing, or are no list of role and content."))
    return told


def _is_message(told: Any) -> bool:
    return isinstance(told, dict) and isinstance(told.get("role"), str)


def _add(found: Transcript, spoken: Spoken, samples: Counter[str]) -> None:
    if len(found.answers) >= MOST_ANSWERS:
        words = _("A recording holds at most %(limit)d answers.")
        raise Unreadable(words % {"limit": MOST_ANSWERS})
    sample = samples[spoken.question_key]
    if sample >= MOST_SAMPLES:
        words = _("This question has %(limit)d answers already, the most that are kept.")
        raise Unreadable(words % {"limit": MOST_SAMPLES})
    samples[spoken.question_key] += 1
    found.answers.append(replace(spoken, sample=sample))
