"""Steps for keys: rename, convert what other tools write, drop what does not belong (pure)."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.datasets.check.dialects import ALL_KEYS, CHAT, COMPARED, ROLES, Dialect
from apps.datasets.check.kinds import (
    CHAT_KEYS,
    FOREIGN_SPELLINGS,
    OTHER_SPELLINGS,
    PAIR_KEYS,
    PREFERENCE_KEYS,
    format_of,
)
from apps.datasets.recipes.foreign import converted
from apps.datasets.recipes.params import Param
from apps.datasets.recipes.shapes import Data, at_key, each_message, mapped
from apps.datasets.recipes.steps import DataStep, register

KEYS = {
    "chat": CHAT_KEYS,
    "prompt_completion": PAIR_KEYS,
    "preference": (*PREFERENCE_KEYS, *OTHER_SPELLINGS),
}
INPUT_KEYS = ("messages", "tools", "parallel_tool_calls")
PART_KEYS = {
    "text": ("type", "text"),
    "refusal": ("type", "refusal"),
    "image_url": ("type", "image_url"),
}


@register
class FixKeys(DataStep):
    code = "fix_keys"
    title = _("Fix keys, and convert the formats of other tools")
    help = _(
        "Capitals and slips of the pen in keys; ShareGPT, Alpaca, question and answer, chosen and "
        "rejected become ours."
    )

    def change(self, data: Data) -> Data:
        return converted(data)


@register
class RenameKey(DataStep):
    code = "rename_key"
    title = _("Rename a key")
    help = _("Where the new name is already there, the row stays as it is.")
    params = (
        Param("old", _("From"), is_required=True, placeholder="question"),
        Param("new", _("To"), is_required=True, placeholder="prompt"),
        Param(
            "where",
            _("Where"),
            "choice",
            default="row",
            choices=(("row", _("in the row")), ("message", _("in every message"))),
        ),
    )
    old: str
    new: str
    where: str

    def change(self, data: Data) -> Data:
        return self._renamed(data) if self.where == "row" else each_message(data, self._renamed)

    def _renamed(self, data: Data) -> Data:
        if self.old not in data or self.new in data:
            return data
        return {(self.new if key == self.old else key): value for key, value in data.items()}


@register
class DropExtraKeys(DataStep):
    code = "drop_extra_keys"
    title = _("Remove keys that do not belong")
    help = _("Files with other keys than the format knows are refused by providers.")
    params = (
        Param(
            "keep",
            _("Keep these all the same"),
            "names",
            default=(),
            help=_("Reinforcement rows keep theirs in any case: graders read them."),
        ),
    )
    keep: list[str]

    def change(self, data: Data) -> Data:
        kind = format_of(data)
        if kind not in KEYS or not data.keys().isdisjoint(FOREIGN_SPELLINGS):
            return data  # to be converted first: its keys are not ours, but hold the rows
        data = self._only(data, KEYS[kind])
        data = at_key(data, "input", self._input)
        dialect = COMPARED if kind == "preference" else CHAT
        return each_message(data, lambda message: self._message(message, dialect))

    def _only(self, data: Data, known: tuple[str, ...]) -> Data:
        if all(key in known or key in self.keep for key in data):
            return data
        return {key: value for key, value in data.items() if key in known or key in self.keep}

    def _input(self, value: Any) -> Any:
        return self._only(value, INPUT_KEYS) if isinstance(value, dict) else value

    def _message(self, message: Data, dialect: Dialect) -> Data:
        role = message.get("role")
        known = dialect.keys(role) if isinstance(role, str) and role in ROLES else ALL_KEYS
        return at_key(self._only(message, known), "content", self._parts)

    def _parts(self, content: Any) -> Any:
        return mapped(content, self._part) if isinstance(content, list) else content

    def _part(self, part: Any) -> Any:
        known = PART_KEYS.get(str(part.get("type"))) if isinstance(part, dict) else None
        return self._only(part, known) if known else part
