"""Every rule of the check: its code, how grave it is, its words, and where it comes from.

Imports no models, so that the check's processes start fast.
"""

from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as lazy


class Severity(models.TextChoices):
    ERROR = "error", lazy("Must fix")
    WARNING = "warning", lazy("Should fix")
    INFO = "info", lazy("Good to know")


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that can be wrong. `title` names the group, `message` the case."""

    severity: Severity
    title: Any  # lazy strings
    message: Any
    hint: Any = ""
    source: str = "SPEC"


E, W, I = Severity.ERROR, Severity.WARNING, Severity.INFO  # noqa: E741

RULES: dict[str, Rule] = {
    # --- the line --------------------------------------------------------------------------------
    "blank_line": Rule(
        E,
        lazy("Empty lines between rows"),
        lazy("Empty line."),
        lazy("Delete the empty line; every line must hold one JSON object."),
        "FIELD",
    ),
    "not_utf8": Rule(
        E,
        lazy("Not valid UTF-8"),
        lazy("The byte %(byte)s at position %(offset)s of this line is not valid UTF-8."),
        lazy("Save the file as UTF-8."),
        "FIELD",
    ),
    "row_too_large": Rule(
        E,
        lazy("Row too large to read"),
        lazy("This row is %(megabytes)s MB long; rows of at most %(limit)s MB can be read."),
        source="Retune",
    ),
    "invalid_json": Rule(
        E,
        lazy("Invalid JSON"),
        lazy("Not valid JSON: %(reason)s (column %(column)s)."),
        lazy("Write each row with a JSON library instead of putting strings together."),
        "FIELD",
    ),
    "control_character": Rule(
        E,
        lazy("Invalid JSON"),
        lazy("A control character (column %(column)s) stands inside a string."),
        lazy("Write a line break as \\n and a tab as \\t inside strings."),
        "FIELD",
    ),
    "not_finite": Rule(
        E,
        lazy("NaN or Infinity"),
        lazy("%(value)s is not a JSON number."),
        lazy("Use null or leave the key out."),
        "FIELD",
    ),
    "lone_surrogate": Rule(
        E,
        lazy("Broken character"),
        lazy("Half of a character pair stands alone, so this text cannot be written as UTF-8."),
        lazy("An emoji was probably cut in half when the text was shortened."),
        "Retune",
    ),
    "duplicate_key": Rule(
        E,
        lazy("Same key twice"),
        lazy("The key “%(key)s” appears twice in one object; only the last one would count."),
        lazy("Keep one of them."),
        "Retune",
    ),
    "nested_too_deep": Rule(
        E,
        lazy("Nested too deep"),
        lazy("Objects or lists are nested more than %(limit)s deep."),
        source="Retune",
    ),
    "nul_character": Rule(
        W,
        lazy("NUL character"),
        lazy("A text contains the character U+0000."),
        lazy("Remove it: many tools cut the text there."),
        "Retune",
    ),
    # --- the shape -------------------------------------------------------------------------------
    "not_an_object": Rule(
        E,
        lazy("Not a JSON object"),
        lazy("The line is %(found)s; every line must be one JSON object."),
        lazy('Write {"messages": […]} on each line.'),
        "FIELD",
    ),
    "missing_key": Rule(
        E, lazy("Missing key"), lazy("The key “%(key)s” is missing."), source="SPEC"
    ),
    "extra_key": Rule(
        E,
        lazy("Key that does not belong here"),
        lazy("The key “%(key)s” does not belong here."),
        lazy("Remove it: files with extra keys are refused."),
        "FIELD",
    ),
    "wrong_type": Rule(
        E, lazy("Wrong type"), lazy("This must be %(expected)s, not %(found)s."), source="SPEC"
    ),
    "bad_value": Rule(
        E,
        lazy("Value that is not allowed"),
        lazy("“%(value)s” is not allowed; it must be one of: %(allowed)s."),
        source="SPEC",
    ),
    "empty_list": Rule(E, lazy("Empty list"), lazy("The list is empty."), source="CB-PREP 2"),
    "other_format": Rule(
        E,
        lazy("Another format than the first row"),
        lazy("This row is %(found)s, the first one is %(expected)s."),
        lazy("Keep one format in a file."),
        "FIELD",
    ),
    "preference_row": Rule(
        E,
        lazy("Preference (DPO) row"),
        lazy("This is a preference (DPO) row. Only supervised training is supported so far."),
        lazy("Keep the preferred answer as an ordinary chat row."),
        "DPO",
    ),
    # --- chat ------------------------------------------------------------------------------------
    "unknown_role": Rule(
        E,
        lazy("Unknown role"),
        lazy("“%(value)s” is not a role."),
        lazy("Use system, user, assistant or tool."),
        "CB-PREP 5, SPEC",
    ),
    "empty_content": Rule(
        E, lazy("Empty content"), lazy("The content is empty."), source="CB-PREP 6"
    ),
    "bad_weight": Rule(
        E,
        lazy("Weight is not 0 or 1"),
        lazy("The weight is %(value)s; it must be 0 (do not learn this) or 1."),
        source="SPEC",
    ),
    "weight_not_assistant": Rule(
        E,
        lazy("Weight on another role"),
        lazy("Only messages of the assistant may have a weight."),
        lazy("Remove the weight."),
        "SPEC",
    ),
    "missing_assistant": Rule(
        E,
        lazy("No answer to learn from"),
        lazy("No message is from the assistant."),
        lazy("Add the answer that the model should learn."),
        "CB-PREP 7",
    ),
    "last_not_assistant": Rule(
        W,
        lazy("Last message is not from the assistant"),
        lazy("The last message is from “%(role)s”, not from the assistant."),
        lazy("Nothing can be learned from what follows the last answer."),
        "CB-PREP",
    ),
    "nothing_trained": Rule(
        W,
        lazy("Every answer has weight 0"),
        lazy("Every answer has weight 0, so nothing is learned from this row."),
        source="SPEC",
    ),
    "missing_user": Rule(
        W, lazy("No message from the user"), lazy("No message is from the user."), source="CB-PREP"
    ),
    # --- tools -----------------------------------------------------------------------------------
    "bad_name": Rule(
        E,
        lazy("Name with other characters"),
        lazy("“%(value)s” is not a name: use at most 64 letters, digits, _ and -."),
        source="SDK",
    ),
    "arguments_not_json": Rule(
        E,
        lazy("Arguments that are not JSON"),
        lazy("The arguments must be a string that holds a JSON object."),
        lazy('For example "{\\"city\\": \\"Paris\\"}".'),
        "SFT",
    ),
    "unknown_tool_call": Rule(
        E,
        lazy("Answer to a call that is not there"),
        lazy("No earlier message calls a tool with the id “%(value)s”."),
        source="SFT",
    ),
    "unanswered_tool_call": Rule(
        W,
        lazy("Tool call without an answer"),
        lazy("No message answers the tool call “%(value)s” before the conversation goes on."),
        source="SFT",
    ),
    "too_many": Rule(
        E,
        lazy("Too many"),
        lazy("There are %(count)s; at most %(limit)s are allowed."),
        source="SPEC, VIS",
    ),
    # --- images ----------------------------------------------------------------------------------
    "image_not_user": Rule(
        E,
        lazy("Image outside a user message"),
        lazy("Only messages of the user may contain images."),
        source="VIS",
    ),
    "bad_image_url": Rule(
        E,
        lazy("Image address"),
        lazy("“%(value)s” is neither an http(s) address nor a data: address of an image."),
        source="VIS",
    ),
    # --- length ----------------------------------------------------------------------------------
    "too_many_tokens": Rule(
        E,
        lazy("Row longer than a model can read"),
        lazy("This row has %(tokens)s tokens; OpenAI cuts rows at %(limit)s without saying so."),
        lazy("The end is what is cut, and the answer is at the end. Shorten or split the row."),
        "BEST",
    ),
    # --- the whole file (row 0) ------------------------------------------------------------------
    "too_few_examples": Rule(
        W,
        lazy("Few examples"),
        lazy("Examples here: %(count)s. OpenAI wants at least %(limit)s to train on."),
        lazy("As a validation file it may be shorter. Good results begin at about 50."),
        "SFT",
    ),
    "missing_system": Rule(
        I,
        lazy("Rows without a system message"),
        lazy("Rows without a system message: %(count)s of %(rows)s."),
        lazy("Train with the same system message that you will use later."),
        "CB-PREP",
    ),
    "exact_duplicates": Rule(
        W,
        lazy("Rows that repeat others"),
        lazy("Exact copies of other rows: %(count)s."),
        lazy("A copy counts twice in training and is paid twice."),
        "Retune",
    ),
    "more_problems": Rule(
        I,
        lazy("More problems than are listed"),
        lazy("The first %(limit)s problems are listed. Found beyond them: %(count)s."),
        source="Retune",
    ),
    "more_in_row": Rule(
        I,
        lazy("More problems in this row"),
        lazy("This row has more problems than are listed here."),
        source="Retune",
    ),
}


def severity(code: str) -> Severity:
    """Return how grave a rule is; a code of a later version is only good to know."""
    return RULES[code].severity if code in RULES else Severity.INFO
