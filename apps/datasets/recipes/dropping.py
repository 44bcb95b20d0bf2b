"""Steps that leave rows out, or messages (pure)."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.datasets.check.examples import findings_in, read_example
from apps.datasets.check.kinds import (
    REINFORCEMENT,
    format_of,
    format_of_rows,
    in_the_guides_words,
)
from apps.datasets.check.sniffing import FIRST_ROWS
from apps.datasets.recipes.params import Param
from apps.datasets.recipes.rows import Row
from apps.datasets.recipes.shapes import Data, at_key
from apps.datasets.recipes.steps import DataStep, Step, register
from apps.datasets.rulebook import Severity, severity


@register
class DropRowsWithProblems(Step):
    code = "drop_rows_with_problems"
    title = _("Drop rows with problems")
    help = _("Without a choice: every row that must be fixed before training.")
    params = (
        Param(
            "codes",
            _("Only these problems"),
            "names",
            default=(),
            help=_("Codes, as the list of problems shows them."),
            placeholder="unknown_role, empty_content",
        ),
    )
    codes: list[str]
    needs_scan = True  # of the first rows, whose format all others must have

    def look(self, rows: Sequence[Row]) -> list[Data | None]:
        return [row.data for row in islice(_not_blank(rows), FIRST_ROWS)]

    def learn(self, looks: Iterable[list[Data | None]]) -> None:
        first = islice(chain.from_iterable(looks), FIRST_ROWS)
        self._expected = format_of_rows(data for data in first if data is not None)

    def apply(self, row: Row) -> Row | None:
        codes = dict.fromkeys(code for code in self._codes(row) if self._counts(code))
        self.counted.update(codes.keys())
        return None if codes else row

    def _codes(self, row: Row) -> list[str]:
        if row.is_blank:
            return ["blank_line"]
        if row.span:
            return ["row_too_large"]
        if row.data is None:
            findings = read_example(row.line, expected=self._expected).findings
        else:
            findings = findings_in(row.data, self._expected)
        return [finding.code for finding in findings]

    def _counts(self, code: str) -> bool:
        return code in self.codes if self.codes else severity(code) == Severity.ERROR

    def learned(self) -> dict[str, Any]:
        return {"codes": dict(self.counted.most_common(20))}


def _not_blank(rows: Iterable[Row]) -> Iterator[Row]:
    return (row for row in rows if not row.is_blank)


@register
class DropEmptyAnswers(Step):
    code = "drop_empty_answers"
    title = _("Drop rows without an answer")
    help = _("Rows whose answer or completion is missing or empty teach nothing.")

    def apply(self, row: Row) -> Row | None:
        return None if row.data is not None and lacks_answer(row.data) else row


def lacks_answer(data: Data) -> bool:
    """Say whether a row has nothing to learn; reinforcement rows are answered while training."""
    messages = data.get("messages")
    if format_of(data) == REINFORCEMENT:
        return False
    if isinstance(messages, list):
        answers = [m for m in messages if isinstance(m, dict) and m.get("role") == "assistant"]
        return not answers or not says_something(answers[-1])
    data = in_the_guides_words(data)
    if "preferred_output" in data:
        output = data["preferred_output"]
        return not isinstance(output, list) or not any(map(says_something, output))
    is_pair = "prompt" in data or "completion" in data
    return is_pair and _is_empty(data.get("completion"))


def says_something(message: Any) -> bool:
    """A message says something by its content, by a call, or by a refusal."""
    if not isinstance(message, dict):
        return False
    other = ("tool_calls", "function_call", "refusal")
    return not _is_empty(message.get("content")) or any(message.get(key) for key in other)


def _is_empty(content: Any) -> bool:
    if isinstance(content, list):
        return all(isinstance(part, dict) and part.get("text") == "" for part in content)
    return content is None or (isinstance(content, str) and not content.strip())


@register
class RemoveEmptyMessages(DataStep):
    code = "remove_empty_messages"
    title = _("Remove empty messages")
    help = _("The rest of the conversation stays. Answers of tools may be empty.")

    def change(self, data: Data) -> Data:
        return at_key(data, "messages", self._kept)

    def _kept(self, messages: Any) -> Any:
        if not isinstance(messages, list):
            return messages
        kept = [message for message in messages if _stays(message)]
        return messages if len(kept) == len(messages) else kept


def _stays(message: Any) -> bool:
    if not isinstance(message, dict) or message.get("role") in ("tool", "function"):
        return True
    return says_something(message)


@register
class EndWithAnswer(DataStep):
    code = "end_with_answer"
    title = _("Cut off what follows the last answer")
    help = _("Nothing is learned from a question that is never answered.")

    def change(self, data: Data) -> Data:
        if format_of(data) == REINFORCEMENT:
            return data
        return at_key(data, "messages", _until_the_last_answer)


def _until_the_last_answer(messages: Any) -> Any:
    if not isinstance(messages, list):
        return messages
    roles = [m.get("role") if isinstance(m, dict) else None for m in messages]
    if "assistant" not in roles or roles[-1] == "assistant":
        return messages
    last = len(roles) - 1 - roles[::-1].index("assistant")
    return messages[: last + 1]
