"""What is wrong with one row, and how many tokens each of its messages has (pure)."""

import re
from dataclasses import dataclass, field
from typing import Any

from apps.datasets.check.examples import Example, read_example
from apps.datasets.check.findings import Finding, found
from apps.datasets.check.lines import MAX_ROW_BYTES
from apps.datasets.check.token_counts import PER_ROW, Texts
from apps.datasets.check.tokens import DEFAULT_ENCODING, open_counter
from apps.datasets.editing.drafts import notation
from apps.datasets.editing.drafts.draft import CONVERSATION, QUESTION, Draft
from apps.datasets.rulebook import Severity, severity, words

MEGABYTE = 1_000_000
COUNTED_BYTES = 400_000  # a longer message is counted when the file is checked
PLACE = re.compile(r"(?:(input)\.messages|(\w+))\[(\d+)\](?:\.(\w+))?")
FIELD_OF_KEY = {"role": "role", "name": "name", "weight": "learn", "content": "text"}
FIELD_OF_KEY["tool_call_id"] = "call"
OF_NEIGHBOURS = ("unknown_tool_call", "unanswered_tool_call")  # what only a whole row can say


@dataclass(frozen=True, slots=True)
class Remark:
    """One finding in words, and the field of the form that it is about ("" when it is none)."""

    severity: Severity
    path: str
    message: str
    hint: str
    target: str = ""
    line: int = 0
    column: int = 0


@dataclass(slots=True)
class Review:
    """What a person sees beside the row that is being edited."""

    remarks: list[Remark] = field(default_factory=list)
    tokens: int | None = None
    of_card: dict[str, int | None] = field(default_factory=dict)

    @property
    def errors(self) -> int:
        return sum(remark.severity == Severity.ERROR for remark in self.remarks)


def review_of(
    row: dict[str, Any],
    *,
    draft: Draft | None = None,
    expected: str = "",
    counts_tokens: bool = True,
) -> Review:
    """Check one row by every rule and count its tokens."""
    line = notation.compact(row).encode()
    if len(line) > MAX_ROW_BYTES:
        return Review([_remark(_too_large(len(line)), draft)])
    example = read_example(line, expected=expected)
    review = Review([_remark(finding, draft) for finding in example.findings])
    if not counts_tokens:
        return review
    review.tokens = _row_tokens(example, line)
    if draft:
        _count_cards(review, row, draft)
    return review


def review_of_line(line: bytes, *, expected: str = "") -> Review:
    """Check a line that may be no JSON at all."""
    if len(line) > MAX_ROW_BYTES:
        return Review([_remark(_too_large(len(line)), None)])
    example = read_example(line, expected=expected)
    return Review([_remark(finding, None) for finding in example.findings])


def _too_large(size: int) -> Finding:
    limit = MAX_ROW_BYTES // MEGABYTE
    return found("row_too_large", megabytes=f"{size / MEGABYTE:.0f}", limit=limit)


def _remark(finding: Finding, draft: Draft | None) -> Remark:
    return Remark(
        severity(finding.code),
        finding.path,
        words.message(finding.code, finding.params),
        words.hint(finding.code, finding.params),
        target_of(finding.path, draft) if draft else "",
    )


def target_of(path: str, draft: Draft) -> str:
    """Return the id of the field that a path of the check leads to."""
    if found := PLACE.match(path):
        key, key_in_message = found[1] or found[2], found[4] or ""
        cards = next((group.cards for group in draft.groups if group.key == key), [])
        if (place := int(found[3])) < len(cards):
            return _field_of(cards[place].id, key_in_message)
        return ""
    top = re.split(r"[.\[]", path)[0]
    if top in draft.pair:
        return f"{top}-text"
    is_list = any(group.key == top for group in draft.groups)
    return f"group-{top}" if is_list else ("rest" if top else "")


def _field_of(card: str, key: str) -> str:
    field = FIELD_OF_KEY.get(key, "rest") if key else "role"
    return f"{card}-{field}"


def _row_tokens(example: Example, line: bytes) -> int | None:
    if len(line) > COUNTED_BYTES or not example.format or _has_errors(example):
        return None
    texts = Texts()
    texts.add(example)
    return _counted(texts)[0]


def _has_errors(example: Example) -> bool:
    return any(severity(finding.code) == Severity.ERROR for finding in example.findings)


def _count_cards(review: Review, row: dict[str, Any], draft: Draft) -> None:
    """Count each message by itself: one that no rule could read has no count."""
    texts, counted = Texts(), []
    for group in draft.groups:
        if not group.cards:
            continue  # what stands there may be no list, and no object around one
        holder = row.get(QUESTION, {}) if group.key == QUESTION else row
        messages = holder.get(CONVERSATION if group.key == QUESTION else group.key, [])
        for card, message in zip(group.cards, messages, strict=False):
            review.of_card[card.id] = None
            if example := _alone(message):
                texts.add(example)
                counted.append(card.id)
    for id, tokens in zip(counted, _counted(texts), strict=True):
        review.of_card[id] = tokens - PER_ROW


def _alone(message: Any) -> Example | None:
    """Return the message as a row of its own, when its tokens can be counted."""
    line = notation.compact({CONVERSATION: [message]}).encode()
    if len(line) > COUNTED_BYTES:
        return None
    example = read_example(line)
    faulty = (
        finding.path.startswith("messages[") and severity(finding.code) == Severity.ERROR
        for finding in example.findings
        if finding.code not in OF_NEIGHBOURS
    )
    return None if any(faulty) else example


def _counted(texts: Texts) -> list[int]:
    if not texts.messages:
        return []
    counts, _answers = texts.tokens(DEFAULT_ENCODING, open_counter(DEFAULT_ENCODING, fast=True))
    return [int(count) for count in counts]
