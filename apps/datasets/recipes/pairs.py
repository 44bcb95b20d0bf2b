"""Steps of the preparation tool that once came with prompts and completions (pure).

Each takes its text from the recipe, or chooses it by the tool's own rules in a pass of its own.
"""

from abc import abstractmethod
from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.datasets.recipes.affixes import Common, Unused, unused_ending, unused_separator
from apps.datasets.recipes.escapes import spelled
from apps.datasets.recipes.params import Param
from apps.datasets.recipes.roles import without
from apps.datasets.recipes.rows import Row
from apps.datasets.recipes.shapes import Data
from apps.datasets.recipes.steps import ColumnStep, DataStep, register

COLUMN = Param(
    "column",
    _("Of"),
    "choice",
    default="prompt",
    choices=(("prompt", _("prompts")), ("completion", _("completions"))),
)
FIND_IT = _("Leave empty to let it be found. Write \\n for a line break.")


@register
class LowerCase(ColumnStep):
    code = "lower_case"
    title = _("Write everything in small letters")
    help = _("Texts all in capitals are read as rarer words and are learned less well.")
    params = (COLUMN,)

    def change_texts(self, texts: list[str]) -> list[str]:
        return list(map(str.lower, texts))


@register
class KeepColumns(DataStep):
    code = "keep_columns"
    title = _("Keep only prompt and completion")
    help = _("Every other key is removed.")

    def change(self, data: Data) -> Data:
        others = [key for key in data if key not in ("prompt", "completion")]
        return without(data, *others) if others and "messages" not in data else data


class _Ending(ColumnStep):
    """Puts one text at the end of every text of a column that does not end with it."""

    text: str

    def __init__(self, **params: Any) -> None:
        super().__init__(**params)
        self.text = spelled(self.text)
        self.needs_scan = not self.text

    @abstractmethod
    def unused(self) -> Unused:
        """Return what looks for a text that no row has."""

    def look(self, rows: Sequence[Row]) -> tuple[Common, Unused]:
        texts = _column(rows, self.column)
        common, unused = Common(), self.unused()
        common.add_all(texts)
        unused.add_all(texts)
        return common, unused

    def learn(self, looks: Iterable[tuple[Common, Unused]]) -> None:
        common, unused = Common(), self.unused()
        for some, free in looks:
            common.join(some)
            unused.join(free)
        # A common end is there already, so there is nothing to add.
        self.text = "" if common.suffix else unused.best

    def learned(self) -> dict[str, Any]:
        return {"text": self.text} if self.needs_scan else {}

    def change_texts(self, texts: list[str]) -> list[str]:
        end = self.text
        return [text if text.endswith(end) else text + end for text in texts]


def _column(rows: Iterable[Row], column: str) -> list[str]:
    texts = ((row.data or {}).get(column) for row in rows)
    return [text for text in texts if isinstance(text, str)]


@register
class AddSeparator(_Ending):
    code = "add_separator"
    title = _("End every prompt with the same separator")
    help = _("It tells the model where the prompt ends and its own text begins.")
    params = (Param("text", _("Separator"), placeholder="\\n\\n###\\n\\n", help=FIND_IT),)
    column = "prompt"

    def unused(self) -> Unused:
        return unused_separator()


@register
class AddEnding(_Ending):
    code = "add_ending"
    title = _("End every completion with the same ending")
    help = _("It tells the model where to stop; use it as the stop text later.")
    params = (Param("text", _("Ending"), placeholder=" END", help=FIND_IT),)
    column = "completion"

    def unused(self) -> Unused:
        return unused_ending()


@register
class StripPrefix(ColumnStep):
    code = "strip_prefix"
    title = _("Remove what every text begins with")
    help = _("A beginning that is always the same teaches nothing and costs tokens in every row.")
    params = (
        COLUMN,
        Param(
            "text", _("Beginning"), help=_("Leave empty to find it. Write \\n for a line break.")
        ),
    )
    text: str

    def __init__(self, **params: Any) -> None:
        super().__init__(**params)
        self.text = spelled(self.text)
        self.needs_scan = not self.text

    def look(self, rows: Sequence[Row]) -> Common:
        common = Common()
        common.add_all(_column(rows, self.column))
        return common

    def learn(self, looks: Iterable[Common]) -> None:
        common = Common()
        for some in looks:
            common.join(some)
        self.text = "" if common.are_all_equal else common.prefix

    def learned(self) -> dict[str, Any]:
        return {"text": self.text} if self.needs_scan else {}

    def change_texts(self, texts: list[str]) -> list[str]:
        """A completion that began with a space still does."""
        start, size = self.text, len(self.text)
        left = " " if self.column == "completion" and start.startswith(" ") else ""
        if not start:
            return texts
        return [left + text[size:] if text.startswith(start) else text for text in texts]


@register
class SpaceBeforeCompletion(ColumnStep):
    code = "space_before_completion"
    title = _("Begin every completion with a space")
    help = _("Most words are one token with the space before them, and more without.")

    column = "completion"

    def change_texts(self, texts: list[str]) -> list[str]:
        return [text if text.startswith(" ") else " " + text for text in texts]
