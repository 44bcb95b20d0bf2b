"""Steps between chat and prompt/completion, and for system prompts (pure)."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.datasets.recipes.affixes import Common, mark_at_end
from apps.datasets.recipes.escapes import spelled
from apps.datasets.recipes.params import Param
from apps.datasets.recipes.roles import without
from apps.datasets.recipes.rows import Row
from apps.datasets.recipes.shapes import Data, at_key
from apps.datasets.recipes.steps import DataStep, register

SYSTEM = Param("system", _("System prompt"), "long", help=_("Put before every conversation."))
NOT_FOR_PAIRS = ("tools", "functions", "parallel_tool_calls")


@register
class ToChat(DataStep):
    code = "to_chat"
    title = _("Turn prompts and completions into chat")
    help = _(
        "The prompt becomes the message of the user. What all prompts or completions end with to "
        "mark their end is removed: chat needs no such marks."
    )
    needs_scan = True
    params = (
        SYSTEM,
        Param(
            "separator",
            _("End of prompts to remove"),
            placeholder="\\n\\n###\\n\\n",
            help=_("Leave empty to let it be found. Write \\n for a line break."),
        ),
        Param(
            "ending",
            _("End of completions to remove"),
            placeholder=" END",
            help=_("Leave empty to let it be found. Write \\n for a line break."),
        ),
    )
    system: str
    separator: str
    ending: str

    def __init__(self, **params: Any) -> None:
        super().__init__(**params)
        self.separator, self.ending = spelled(self.separator), spelled(self.ending)

    def look(self, rows: Sequence[Row]) -> tuple[Common, Common]:
        pairs = [row.data for row in rows if row.data is not None and is_pair(row.data)]
        prompts, completions = Common(), Common()
        prompts.add_all([pair["prompt"] for pair in pairs])
        completions.add_all([pair["completion"] for pair in pairs])
        return prompts, completions

    def learn(self, looks: Iterable[tuple[Common, Common]]) -> None:
        prompts, completions = Common(), Common()
        for some_prompts, some_completions in looks:
            prompts.join(some_prompts)
            completions.join(some_completions)
        if not prompts.are_all_equal:
            self.separator = self.separator or mark_at_end(prompts.suffix)
        if not completions.are_all_equal:
            self.ending = self.ending or mark_at_end(completions.suffix)

    def learned(self) -> dict[str, Any]:
        return {"separator": self.separator, "ending": self.ending}

    def change(self, data: Data) -> Data:
        if not is_pair(data) or "messages" in data:
            return data
        asked = data["prompt"].removesuffix(self.separator).strip()
        answered = data["completion"].removesuffix(self.ending).strip()
        said = [("system", self.system), ("user", asked), ("assistant", answered)]
        messages = [{"role": role, "content": content} for role, content in said if content]
        return {"messages": messages} | without(data, "prompt", "completion")


def is_pair(data: Data) -> bool:
    """Say whether a row is a whole pair of prompt and completion."""
    return isinstance(data.get("prompt"), str) and isinstance(data.get("completion"), str)


@register
class ToPromptCompletion(DataStep):
    code = "to_prompt_completion"
    title = _("Turn chat into prompts and completions")
    help = _(
        "The last answer becomes the completion, all before it the prompt. Rows with tools or "
        "images stay as they are."
    )
    params = (
        Param("separator", _("End of every prompt"), default="\\n\\n###\\n\\n"),
        Param("ending", _("End of every completion"), default=" END"),
        Param("space", _("Begin completions with a space"), "flag", default=True),
    )
    separator: str
    ending: str
    space: bool

    def __init__(self, **params: Any) -> None:
        super().__init__(**params)
        self.separator, self.ending = spelled(self.separator), spelled(self.ending)

    def change(self, data: Data) -> Data:
        messages = data.get("messages")
        if any(key in data for key in NOT_FOR_PAIRS) or not _is_plain_chat(messages):
            return data
        *before, answer = data["messages"]
        space = " " if self.space and not answer["content"].startswith(" ") else ""
        pair = {
            "prompt": _transcript(before) + self.separator,
            "completion": space + answer["content"] + self.ending,
        }
        return pair | without(data, "messages")


def _is_plain_chat(messages: Any) -> bool:
    if not isinstance(messages, list) or not messages:
        return False
    are_plain = all(
        isinstance(m, dict)
        and isinstance(m.get("content"), str)
        and m.get("role") in ("system", "user", "assistant")
        and not m.get("tool_calls")
        for m in messages
    )
    return are_plain and messages[-1]["role"] == "assistant"


def _transcript(messages: list[Data]) -> str:
    """One question alone is the prompt as it is; of a longer talk every turn is named."""
    turns = [message for message in messages if message["role"] != "system"]
    system = [message["content"] for message in messages if message["role"] == "system"]
    if len(turns) == 1:
        return "\n\n".join([*system, turns[0]["content"]])
    names = {"user": "User", "assistant": "Assistant"}
    said = [f"{names[message['role']]}: {message['content']}" for message in turns]
    return "\n\n".join([*system, *said])


@register
class SetSystemPrompt(DataStep):
    code = "set_system_prompt"
    title = _("Set the system prompt")
    help = _("Train with the same system prompt that you will use later.")
    params = (
        Param(
            "how",
            _("What to do"),
            "choice",
            default="add",
            choices=(
                ("add", _("add it where there is none")),
                ("replace", _("put it in the place of every other")),
                ("remove", _("remove all system prompts")),
            ),
        ),
        Param("text", _("System prompt"), "long", placeholder=_("You are a friendly parrot.")),
    )
    how: str
    text: str

    def __init__(self, **params: Any) -> None:
        super().__init__(**params)
        if self.how != "remove":
            self.params[1].demand(self.text.strip())

    def change(self, data: Data) -> Data:
        data = at_key(data, "messages", self._messages)
        return at_key(data, "input", self._input)

    def _input(self, value: Any) -> Any:
        return at_key(value, "messages", self._messages) if isinstance(value, dict) else value

    def _messages(self, messages: Any) -> Any:
        if not isinstance(messages, list):
            return messages
        others = [m for m in messages if not isinstance(m, dict) or m.get("role") != "system"]
        if self.how == "remove":
            return others if len(others) < len(messages) else messages
        if self.how == "add" and len(others) < len(messages):
            return messages
        wanted = [{"role": "system", "content": self.text}, *others]
        return messages if wanted == messages else wanted
