"""Steps of the preparation tool that once came with prompts and completions (pure).

Each takes its text from the recipe, or chooses it by the tool's own rules in a pass of its own.
"""

from abc import abstractmethod
from collections.abc import Iterable
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from apps.datasets.recipes.affixes import Common, Unused, unused_ending, unused_separator
from apps.datasets.recipes.escapes import spelled
from apps.datasets.recipes.params import Param
from apps.datasets.recipes.roles import without
from apps.datasets.recipes.rows import Row
from apps.datasets.recipes.shapes import Data, at_key
from apps.datasets.recipes.steps import DataStep, register

COLUMN = Param(
    "column",
    _("Of"),
    "choice",
    default="prompt",
    choices=(("prompt", _("prompts")), ("completion", _("completions"))),
)
FIND_IT = _("Leave empty to let it be found. Write \\n for a line break.")


@register
class LowerCase(DataStep):
    code = "lower_case"
    title = _("Write everything in small letters")
    help = _("Texts all in capitals are read as rarer words and are learned less well.")
    params = (COLUMN,)
    column: str

    def change(self, data: Data) -> Data:
        return at_key(data, self.column, _lower)


def _lower(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


@register
class KeepColumns(DataStep):
    code = "keep_columns"
    title = _("Keep only prompt and completion")
    help = _("Every other key is removed.")

    def change(self, data: Data) -> Data:
        others = [key for key in data if key not in ("prompt", "completion")]
        return without(data, *others) if others and "messages" not in data else data


class _Ending(DataStep):
    """Puts one text at the end of every text of a column that does not end with it."""

    column: ClassVar[str]
    text: str

    def __init__(self, **params: Any) -> None:
        super().__init__(**params)
        self.text = spelled(self.text)
        self.needs_scan = not self.text

    @abstractmethod
    def unused(self) -> Unused:
        """Return what looks for a text that no row has."""

    def learn(self, rows: Iterable[Row]) -> None:
        common, unused = Common(), self.unused()
        for text in _column(rows, self.column):
            common.add(text)
            unused.add(text)
        # A common end is there already, so there is nothing to add.
        self.text = "" if common.suffix else unused.best

    def learned(self) -> dict[str, Any]:
        return {"text": self.text} if self.needs_scan else {}

    def change(self, data: Data) -> Data:
        value = data.get(self.column)
        if not isinstance(value, str) or value.endswith(self.text):
            return data
        return {**data, self.column: value + self.text}


def _column(rows: Iterable[Row], column: str) -> Iterable[str]:
    for row in rows:
        text = (row.data or {}).get(column)
        if isinstance(text, str):
            yield text


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
class StripPrefix(DataStep):
    code = "strip_prefix"
    title = _("Remove what every text begins with")
    help = _("A beginning that is always the same teaches nothing and costs tokens in every row.")
    params = (
        COLUMN,
        Param(
            "text", _("Beginning"), help=_("Leave empty to find it. Write \\n for a line break.")
        ),
    )
    column: str
    text: str

    def __init__(self, **params: Any) -> None:
        super().__init__(**params)
        self.text = spelled(self.text)
        self.needs_scan = not self.text

    def learn(self, rows: Iterable[Row]) -> None:
        common = Common()
        for text in _column(rows, self.column):
            common.add(text)
        self.text = "" if common.are_all_equal else common.prefix

    def learned(self) -> dict[str, Any]:
        return {"text": self.text} if self.needs_scan else {}

    def change(self, data: Data) -> Data:
        """A completion that began with a space still does."""
        value = data.get(self.column)
        if not self.text or not isinstance(value, str) or not value.startswith(self.text):
            return data
        keeps_space = self.column == "completion" and self.text.startswith(" ")
        return {**data, self.column: (" " if keeps_space else "") + value.removeprefix(self.text)}


@register
class SpaceBeforeCompletion(DataStep):
    code = "space_before_completion"
    title = _("Begin every completion with a space")
    help = _("Most words are one token with the space before them, and more without.")

    def change(self, data: Data) -> Data:
        value = data.get("completion")
        if not isinstance(value, str) or value.startswith(" "):
            return data
        return {**data, "completion": f" {value}"}
