"""Steps for roles and weights of messages (pure)."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.datasets.check.dialects import ROLE_ALIASES, ROLES
from apps.datasets.check.findings import near_miss
from apps.datasets.recipes.params import Param
from apps.datasets.recipes.shapes import Data, each_list, each_message, mapped
from apps.datasets.recipes.steps import DataStep, register

OTHER_NAMES = ROLE_ALIASES | {
    "chatbot": "assistant", "chatgpt": "assistant", "model": "assistant", "output": "assistant",
    "agent": "assistant", "response": "assistant", "completion": "assistant", "ai": "assistant",
    "usr": "user", "customer": "user", "client": "user", "prompter": "user", "question": "user",
    "input": "user", "prompt": "user", "instruction": "system", "sys": "system",
    "function_response": "tool", "observation": "tool", "ipython": "tool", "tool_response": "tool",
}  # fmt: skip


@register
class FixRoles(DataStep):
    code = "fix_roles"
    title = _("Fix the names of roles")
    help = _(
        "human becomes user, gpt becomes assistant; capitals and slips of the pen are mended too."
    )
    params = (
        Param(
            "user",
            _("Other names of the user"),
            "names",
            default=(),
            placeholder=_("caller, patient"),
        ),
        Param(
            "assistant",
            _("Other names of the assistant"),
            "names",
            default=(),
            placeholder=_("helpdesk, doctor"),
        ),
        Param("system", _("Other names of the system"), "names", default=()),
    )

    def __init__(self, **params: Any) -> None:
        super().__init__(**params)
        self._known = dict(OTHER_NAMES)
        for role in ("user", "assistant", "system"):
            self._known |= {name.lower(): role for name in getattr(self, role)}

    def change(self, data: Data) -> Data:
        return each_message(data, self._renamed)

    def _renamed(self, message: Data) -> Data:
        role = message.get("role")
        if not isinstance(role, str) or role in ROLES:
            return message
        name = role.strip().lower()
        meant = name if name in ROLES else self._known.get(name)
        meant = meant or near_miss(name, ROLES).get("suggestion")
        return {**message, "role": meant} if meant else message


@register
class FixWeights(DataStep):
    code = "fix_weights"
    title = _("Fix weights")
    help = _("true and “1” become 1, other values than 0 and 1 go, and so do weights of questions.")

    def change(self, data: Data) -> Data:
        return each_message(data, _with_a_good_weight)


def _with_a_good_weight(message: Data) -> Data:
    if "weight" not in message:
        return message
    weight = message["weight"]
    if message.get("role") == "assistant" and _is_weight(weight):
        return message
    meant = _number(weight) if message.get("role") == "assistant" else None
    if meant is None:
        return without(message, "weight")
    return {**message, "weight": meant}


def _is_weight(weight: Any) -> bool:
    return not isinstance(weight, bool) and weight in (0, 1)


def _number(weight: Any) -> int | None:
    words = {"0": 0, "1": 1, "0.0": 0, "1.0": 1, "true": 1, "false": 0}
    return words.get(str(weight).strip().lower())


def without(data: Data, *keys: str) -> Data:
    """Return a copy that lacks some keys."""
    return {key: value for key, value in data.items() if key not in keys}


@register
class SetWeights(DataStep):
    code = "set_weights"
    title = _("Choose which answers are learned")
    help = _("A weight of 0 tells the trainer to read an answer without learning it.")
    params = (
        Param(
            "which",
            _("Learn"),
            "choice",
            default="last",
            choices=(
                ("last", _("only the last answer of each conversation")),
                ("all", _("every answer")),
                ("not_containing", _("every answer without a certain text")),
            ),
        ),
        Param("text", _("That text"), placeholder=_("As an AI language model")),
    )
    which: str
    text: str

    def __init__(self, **params: Any) -> None:
        super().__init__(**params)
        if self.which == "not_containing":
            self.params[1].demand(self.text)

    def change(self, data: Data) -> Data:
        if not isinstance(data.get("messages"), list):
            return data
        return each_list(data, self._weighed)

    def _weighed(self, messages: list[Any]) -> list[Any]:
        answers = [m for m in messages if isinstance(m, dict) and m.get("role") == "assistant"]
        last = answers[-1] if answers else None

        def weighed(message: Any) -> Any:
            if not isinstance(message, dict) or message.get("role") != "assistant":
                return message
            return self._with_weight(message, is_last=message is last)

        return mapped(messages, weighed)

    def _with_weight(self, message: Data, *, is_last: bool) -> Data:
        if self.which == "not_containing":
            says_it = self.text.lower() in str(message.get("content") or "").lower()
            return _set(message, 0) if says_it else message
        if self.which == "all" or is_last:
            return without(message, "weight") if message.get("weight", 1) != 1 else message
        return _set(message, 0)


def _set(message: Data, weight: int) -> Data:
    is_there = "weight" in message and message["weight"] == weight
    return message if is_there else {**message, "weight": weight}
