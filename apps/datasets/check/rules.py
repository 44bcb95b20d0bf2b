"""Every rule of the check: its code, how grave it is, its words, and where it comes from.

Imports no models, so that the check's processes start fast.
"""

from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy


class Severity(models.TextChoices):
    ERROR = "error", gettext_lazy("Must fix")
    WARNING = "warning", gettext_lazy("Should fix")
    INFO = "info", gettext_lazy("Good to know")


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
        gettext_lazy("Empty lines between rows"),
        gettext_lazy("Empty line."),
        gettext_lazy("Delete the empty line; every line must hold one JSON object."),
        "FIELD",
    ),
    "not_utf8": Rule(
        E,
        gettext_lazy("Not valid UTF-8"),
        gettext_lazy("The byte %(byte)s at position %(offset)s of this line is not valid UTF-8."),
        gettext_lazy("Save the file as UTF-8."),
        "FIELD",
    ),
    "row_too_large": Rule(
        E,
        gettext_lazy("Row too large to read"),
        gettext_lazy(
            "This row is %(megabytes)s MB long; rows of at most %(limit)s MB can be read."
        ),
        source="Retune",
    ),
    "invalid_json": Rule(
        E,
        gettext_lazy("Invalid JSON"),
        gettext_lazy("Not valid JSON: %(reason)s (column %(column)s)."),
        gettext_lazy("Write each row with a JSON library instead of putting strings together."),
        "FIELD",
    ),
    "control_character": Rule(
        E,
        gettext_lazy("Invalid JSON"),
        gettext_lazy("A control character (column %(column)s) stands inside a string."),
        gettext_lazy("Write a line break as \\n and a tab as \\t inside strings."),
        "FIELD",
    ),
    "not_finite": Rule(
        E,
        gettext_lazy("NaN or Infinity"),
        gettext_lazy("%(value)s is not a JSON number."),
        gettext_lazy("Use null or leave the key out."),
        "FIELD",
    ),
    "lone_surrogate": Rule(
        E,
        gettext_lazy("Broken character"),
        gettext_lazy(
            "Half of a character pair stands alone, so this text cannot be written as UTF-8."
        ),
        gettext_lazy("An emoji was probably cut in half when the text was shortened."),
        "Retune",
    ),
    "duplicate_key": Rule(
        E,
        gettext_lazy("Same key twice"),
        gettext_lazy(
            "The key “%(key)s” appears twice in one object; only the last one would count."
        ),
        gettext_lazy("Keep one of them."),
        "Retune",
    ),
    "nested_too_deep": Rule(
        E,
        gettext_lazy("Nested too deep"),
        gettext_lazy("Objects or lists are nested more than %(limit)s deep."),
        source="Retune",
    ),
    "nul_character": Rule(
        W,
        gettext_lazy("NUL character"),
        gettext_lazy("A text contains the character U+0000."),
        gettext_lazy("Remove it: many tools cut the text there."),
        "Retune",
    ),
    # --- the shape -------------------------------------------------------------------------------
    "not_an_object": Rule(
        E,
        gettext_lazy("Not a JSON object"),
        gettext_lazy("The line is %(found)s; every line must be one JSON object."),
        gettext_lazy('Write {"messages": […]} on each line.'),
        "FIELD",
    ),
    "missing_key": Rule(
        E, gettext_lazy("Missing key"), gettext_lazy("The key “%(key)s” is missing."), source="SPEC"
    ),
    "extra_key": Rule(
        E,
        gettext_lazy("Key that does not belong here"),
        gettext_lazy("The key “%(key)s” does not belong here."),
        gettext_lazy("Remove it: files with extra keys are refused."),
        "FIELD",
    ),
    "wrong_type": Rule(
        E,
        gettext_lazy("Wrong type"),
        gettext_lazy("This must be %(expected)s, not %(found)s."),
        source="SPEC",
    ),
    "bad_value": Rule(
        E,
        gettext_lazy("Value that is not allowed"),
        gettext_lazy("“%(value)s” is not allowed; it must be one of: %(allowed)s."),
        source="SPEC",
    ),
    "empty_list": Rule(
        E, gettext_lazy("Empty list"), gettext_lazy("The list is empty."), source="CB-PREP 2"
    ),
    "other_format": Rule(
        E,
        gettext_lazy("Another format than the first row"),
        gettext_lazy("This row is %(found)s, the first one is %(expected)s."),
        gettext_lazy("Keep one format in a file."),
        "FIELD",
    ),
    "preference_row": Rule(
        E,
        gettext_lazy("Preference (DPO) row"),
        gettext_lazy(
            "This is a preference (DPO) row. Only supervised training is supported so far."
        ),
        gettext_lazy("Keep the preferred answer as an ordinary chat row."),
        "DPO",
    ),
    # --- chat ------------------------------------------------------------------------------------
    "unknown_role": Rule(
        E,
        gettext_lazy("Unknown role"),
        gettext_lazy("“%(value)s” is not a role."),
        gettext_lazy("Use system, user, assistant or tool."),
        "CB-PREP 5, SPEC",
    ),
    "empty_content": Rule(
        E, gettext_lazy("Empty content"), gettext_lazy("The content is empty."), source="CB-PREP 6"
    ),
    "bad_weight": Rule(
        E,
        gettext_lazy("Weight is not 0 or 1"),
        gettext_lazy("The weight is %(value)s; it must be 0 (do not learn this) or 1."),
        source="SPEC",
    ),
    "weight_not_assistant": Rule(
        E,
        gettext_lazy("Weight on another role"),
        gettext_lazy("Only messages of the assistant may have a weight."),
        gettext_lazy("Remove the weight."),
        "SPEC",
    ),
    "missing_assistant": Rule(
        E,
        gettext_lazy("No answer to learn from"),
        gettext_lazy("No message is from the assistant."),
        gettext_lazy("Add the answer that the model should learn."),
        "CB-PREP 7",
    ),
    "last_not_assistant": Rule(
        W,
        gettext_lazy("Last message is not from the assistant"),
        gettext_lazy("The last message is from “%(role)s”, not from the assistant."),
        gettext_lazy("Nothing can be learned from what follows the last answer."),
        "CB-PREP",
    ),
    "nothing_trained": Rule(
        W,
        gettext_lazy("Every answer has weight 0"),
        gettext_lazy("Every answer has weight 0, so nothing is learned from this row."),
        source="SPEC",
    ),
    "missing_user": Rule(
        W,
        gettext_lazy("No message from the user"),
        gettext_lazy("No message is from the user."),
        source="CB-PREP",
    ),
    # --- tools -----------------------------------------------------------------------------------
    "bad_name": Rule(
        E,
        gettext_lazy("Name with other characters"),
        gettext_lazy("“%(value)s” is not a name: use at most 64 letters, digits, _ and -."),
        source="SDK",
    ),
    "arguments_not_json": Rule(
        E,
        gettext_lazy("Arguments that are not JSON"),
        gettext_lazy("The arguments must be a string that holds a JSON object."),
        gettext_lazy('For example "{\\"city\\": \\"Paris\\"}".'),
        "SFT",
    ),
    "unknown_tool_call": Rule(
        E,
        gettext_lazy("Answer to a call that is not there"),
        gettext_lazy("No earlier message calls a tool with the id “%(value)s”."),
        source="SFT",
    ),
    "unanswered_tool_call": Rule(
        W,
        gettext_lazy("Tool call without an answer"),
        gettext_lazy(
            "No message answers the tool call “%(value)s” before the conversation goes on."
        ),
        source="SFT",
    ),
    "too_many": Rule(
        E,
        gettext_lazy("Too many"),
        gettext_lazy("There are %(count)s; at most %(limit)s are allowed."),
        source="SPEC, VIS",
    ),
    # --- images ----------------------------------------------------------------------------------
    "image_not_user": Rule(
        E,
        gettext_lazy("Image outside a user message"),
        gettext_lazy("Only messages of the user may contain images."),
        source="VIS",
    ),
    "bad_image_url": Rule(
        E,
        gettext_lazy("Image address"),
        gettext_lazy("“%(value)s” is neither an http(s) address nor a data: address of an image."),
        source="VIS",
    ),
    # --- length ----------------------------------------------------------------------------------
    "too_many_tokens": Rule(
        E,
        gettext_lazy("Row longer than a model can read"),
        gettext_lazy(
            "This row has %(tokens)s tokens; OpenAI cuts rows at %(limit)s without saying so."
        ),
        gettext_lazy(
            "The end is what is cut, and the answer is at the end. Shorten or split the row."
        ),
        "BEST",
    ),
    # --- the whole file (row 0) ------------------------------------------------------------------
    "too_few_examples": Rule(
        W,
        gettext_lazy("Few examples"),
        gettext_lazy("Examples here: %(count)s. OpenAI wants at least %(limit)s to train on."),
        gettext_lazy("As a validation file it may be shorter. Good results begin at about 50."),
        "SFT",
    ),
    "missing_system": Rule(
        I,
        gettext_lazy("Rows without a system message"),
        gettext_lazy("Rows without a system message: %(count)s of %(rows)s."),
        gettext_lazy("Train with the same system message that you will use later."),
        "CB-PREP",
    ),
    "exact_duplicates": Rule(
        W,
        gettext_lazy("Rows that repeat others"),
        gettext_lazy("Exact copies of other rows: %(count)s."),
        gettext_lazy("A copy counts twice in training and is paid twice."),
        "Retune",
    ),
    "more_problems": Rule(
        I,
        gettext_lazy("More problems than are listed"),
        gettext_lazy("The first %(limit)s problems are listed. Found beyond them: %(count)s."),
        source="Retune",
    ),
    "more_in_row": Rule(
        I,
        gettext_lazy("More problems in this row"),
        gettext_lazy("This row has more problems than are listed here."),
        source="Retune",
    ),
}


def severity(code: str) -> Severity:
    """Return how grave a rule is; a code of a later version is only good to know."""
    return RULES[code].severity if code in RULES else Severity.INFO
