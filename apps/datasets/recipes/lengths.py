"""Steps for rows longer than a model can read (pure)."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.datasets.check.examples import read_example
from apps.datasets.check.gathered import MAX_ROW_TOKENS
from apps.datasets.check.token_counts import Texts
from apps.datasets.check.tokens import DEFAULT_ENCODING, open_counter
from apps.datasets.recipes.params import Param
from apps.datasets.recipes.rows import Row, made
from apps.datasets.recipes.shapes import Data
from apps.datasets.recipes.steps import Step, register
from apps.datasets.rulebook import ERRORS

MOST = Param("most", _("Longest row, in tokens"), "number", default=MAX_ROW_TOKENS, minimum=1)
OVERHEAD_SHARE = 16  # what a row's format costs in tokens is far less than its bytes and this


def tokens_of(row: Row) -> int:
    """Count the tokens of a row as the check does; 0 for a row with errors."""
    example = read_example(row.line)
    if not example.format or any(finding.code in ERRORS for finding in example.findings):
        return 0
    texts = Texts()
    texts.add(example)
    counts, _answers = texts.tokens(DEFAULT_ENCODING, open_counter(DEFAULT_ENCODING, fast=True))
    return int(counts[0])


def is_longer(row: Row, most: int) -> bool:
    """Say whether a row has more tokens; most rows are too short in bytes to need counting."""
    if len(row.line) + OVERHEAD_SHARE <= most or row.data is None:
        return False
    return tokens_of(row) > most


@register
class DropLongRows(Step):
    code = "drop_long_rows"
    title = _("Drop rows that are too long")
    help = _("Providers cut long rows at the end without a word, and the answer is at the end.")
    params = (
        MOST,
        Param(
            "unit",
            _("Counted in"),
            "choice",
            default="tokens",
            choices=(("tokens", _("tokens")), ("characters", _("characters"))),
        ),
    )
    most: int
    unit: str

    def __init__(self, **params: Any) -> None:
        super().__init__(**params)
        MOST.demand(self.most)

    def apply(self, row: Row) -> Row | None:
        if row.data is None:
            return row
        if self.unit == "tokens":
            return None if is_longer(row, self.most) else row
        return None if characters_of(row.data) > self.most else row


def characters_of(data: Data) -> int:
    """Count the characters of everything that a row says."""
    return sum(map(len, _texts(data)))


def _texts(data: Data) -> Iterator[str]:
    yield from (data[k] for k in ("prompt", "completion") if isinstance(data.get(k), str))
    messages = data.get("messages")
    for message in messages if isinstance(messages, list) else ():
        content = message.get("content") if isinstance(message, dict) else None
        parts = content if isinstance(content, list) else [{"text": content}]
        texts = (part.get("text") for part in parts if isinstance(part, dict))
        yield from (text for text in texts if isinstance(text, str))


@register
class CutLongRows(Step):
    code = "cut_long_rows"
    title = _("Shorten rows that are too long")
    help = _(
        "The oldest messages of a conversation go first; the system message and the last answer "
        "stay. Rows that are too long even then stay as they are."
    )
    params = (MOST,)
    most: int

    def __init__(self, **params: Any) -> None:
        super().__init__(**params)
        MOST.demand(self.most)

    def apply(self, row: Row) -> Row:
        if row.data is None or not is_longer(row, self.most):
            return row
        for shorter in _shorter(row.data):
            if not is_longer(made(shorter), self.most):
                return row.having(shorter)
        return row


def _shorter(data: Data) -> Iterator[Data]:
    """Yield the conversation from its second question on, from its third, …"""
    messages = data.get("messages")
    if not isinstance(messages, list):
        return
    roles = [m.get("role") if isinstance(m, dict) else None for m in messages]
    start = next((place for place, role in enumerate(roles) if role != "system"), 0)
    questions = [place for place, role in enumerate(roles) if role == "user" and place > start]
    for place in questions:
        if "assistant" in roles[place:]:
            yield {**data, "messages": [*messages[:start], *messages[place:]]}
