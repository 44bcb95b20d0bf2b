"""Every rule of the check: its code, how grave it is, its words, and where it comes from.

Imports no models, so that the check's processes start fast.
"""

from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _


class Severity(models.TextChoices):
    ERROR = "error", _("Must fix")
    WARNING = "warning", _("Should fix")
    INFO = "info", _("Good to know")


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
        _("Empty lines between rows"),
        _("Empty line."),
        _("Delete the empty line; every line must hold one JSON object."),
        "FIELD",
    ),
    "not_utf8": Rule(
        E,
        _("Not valid UTF-8"),
        _("The byte %(byte)s at position %(offset)s of this line is not valid UTF-8."),
        _("Save the file as UTF-8."),
        "FIELD",
    ),
    "row_too_large": Rule(
        E,
        _("Row too large to read"),
        _("This row is %(megabytes)s MB long; rows of at most %(limit)s MB can be read."),
        source="Retune",
    ),
    "invalid_json": Rule(
        E,
        _("Invalid JSON"),
        _("Not valid JSON: %(reason)s (column %(column)s)."),
        _("Write each row with a JSON library instead of putting strings together."),
        "FIELD",
    ),
    "control_character": Rule(
        E,
        _("Invalid JSON"),
        _("A control character (column %(column)s) stands inside a string."),
        _("Write a line break as \\n and a tab as \\t inside strings."),
        "FIELD",
    ),
    "not_finite": Rule(
        E,
        _("NaN or Infinity"),
        _("%(value)s is not a JSON number."),
        _("Use null or leave the key out."),
        "FIELD",
    ),
    "lone_surrogate": Rule(
        E,
        _("Broken character"),
        _("Half of a character pair stands alone, so this text cannot be written as UTF-8."),
        _("An emoji was probably cut in half when the text was shortened."),
        "Retune",
    ),
    "duplicate_key": Rule(
        E,
        _("Same key twice"),
        _("The key “%(key)s” appears twice in one object; only the last one would count."),
        _("Keep one of them."),
        "Retune",
    ),
    "nested_too_deep": Rule(
        E,
        _("Nested too deep"),
        _("Objects or lists are nested more than %(limit)s deep."),
        source="Retune",
    ),
    "nul_character": Rule(
        W,
        _("NUL character"),
        _("A text contains the character U+0000."),
        _("Remove it: many tools cut the text there."),
        "Retune",
    ),
    # --- the shape -------------------------------------------------------------------------------
    "not_an_object": Rule(
        E,
        _("Not a JSON object"),
        _("The line is %(found)s; every line must be one JSON object."),
        _('Write {"messages": […]} on each line.'),
        "FIELD",
    ),
    "missing_key": Rule(E, _("Missing key"), _("The key “%(key)s” is missing."), source="SPEC"),
    "extra_key": Rule(
        E,
        _("Key that does not belong here"),
        _("The key “%(key)s” does not belong here."),
        _("Remove it: files with extra keys are refused."),
        "FIELD",
    ),
    "wrong_type": Rule(
        E, _("Wrong type"), _("This must be %(expected)s, not %(found)s."), source="SPEC"
    ),
    "bad_value": Rule(
        E,
        _("Value that is not allowed"),
        _("“%(value)s” is not allowed; it must be one of: %(allowed)s."),
        source="SPEC",
    ),
    "empty_list": Rule(E, _("Empty list"), _("The list is empty."), source="CB-PREP 2"),
    "other_format": Rule(
        E,
        _("Another format than the first row"),
        _("This row is %(found)s, the first one is %(expected)s."),
        _("Keep one format in a file."),
        "FIELD",
    ),
    "preference_row": Rule(
        E,
        _("Preference (DPO) row"),
        _("This is a preference (DPO) row. Only supervised training is supported so far."),
        _("Keep the preferred answer as an ordinary chat row."),
        "DPO",
    ),
    # --- chat ------------------------------------------------------------------------------------
    "unknown_role": Rule(
        E,
        _("Unknown role"),
        _("“%(value)s” is not a role."),
        _("Use system, user, assistant or tool."),
        "CB-PREP 5, SPEC",
    ),
    "empty_content": Rule(E, _("Empty content"), _("The content is empty."), source="CB-PREP 6"),
    "bad_weight": Rule(
        E,
        _("Weight is not 0 or 1"),
        _("The weight is %(value)s; it must be 0 (do not learn this) or 1."),
        source="SPEC",
    ),
    "weight_not_assistant": Rule(
        E,
        _("Weight on another role"),
        _("Only messages of the assistant may have a weight."),
        _("Remove the weight."),
        "SPEC",
    ),
    "missing_assistant": Rule(
        E,
        _("No answer to learn from"),
        _("No message is from the assistant."),
        _("Add the answer that the model should learn."),
        "CB-PREP 7",
    ),
    "last_not_assistant": Rule(
        W,
        _("Last message is not from the assistant"),
        _("The last message is from “%(role)s”, not from the assistant."),
        _("Nothing can be learned from what follows the last answer."),
        "CB-PREP",
    ),
    "nothing_trained": Rule(
        W,
        _("Every answer has weight 0"),
        _("Every answer has weight 0, so nothing is learned from this row."),
        source="SPEC",
    ),
    "missing_user": Rule(
        W, _("No message from the user"), _("No message is from the user."), source="CB-PREP"
    ),
    # --- tools -----------------------------------------------------------------------------------
    "bad_name": Rule(
        E,
        _("Name with other characters"),
        _("“%(value)s” is not a name: use at most 64 letters, digits, _ and -."),
        source="SDK",
    ),
    "arguments_not_json": Rule(
        E,
        _("Arguments that are not JSON"),
        _("The arguments must be a string that holds a JSON object."),
        _('For example "{\\"city\\": \\"Paris\\"}".'),
        "SFT",
    ),
    "unknown_tool_call": Rule(
        E,
        _("Answer to a call that is not there"),
        _("No earlier message calls a tool with the id “%(value)s”."),
        source="SFT",
    ),
    "unanswered_tool_call": Rule(
        W,
        _("Tool call without an answer"),
        _("No message answers the tool call “%(value)s” before the conversation goes on."),
        source="SFT",
    ),
    "too_many": Rule(
        E,
        _("Too many"),
        _("There are %(count)s; at most %(limit)s are allowed."),
        source="SPEC, VIS",
    ),
    # --- images ----------------------------------------------------------------------------------
    "image_not_user": Rule(
        E,
        _("Image outside a user message"),
        _("Only messages of the user may contain images."),
        source="VIS",
    ),
    "bad_image_url": Rule(
        E,
        _("Image address"),
        _("“%(value)s” is neither an http(s) address nor a data: address of an image."),
        source="VIS",
    ),
    # --- length ----------------------------------------------------------------------------------
    "too_many_tokens": Rule(
        E,
        _("Row longer than a model can read"),
        _("This row has %(tokens)s tokens; OpenAI cuts rows at %(limit)s without saying so."),
        _("The end is what is cut, and the answer is at the end. Shorten or split the row."),
        "BEST",
    ),
    # --- the whole file (row 0) ------------------------------------------------------------------
    "too_few_examples": Rule(
        W,
        _("Few examples"),
        _("Examples here: %(count)s. OpenAI wants at least %(limit)s to train on."),
        _("As a validation file it may be shorter. Good results begin at about 50."),
        "SFT",
    ),
    "missing_system": Rule(
        I,
        _("Rows without a system message"),
        _("Rows without a system message: %(count)s of %(rows)s."),
        _("Train with the same system message that you will use later."),
        "CB-PREP",
    ),
    "exact_duplicates": Rule(
        W,
        _("Rows that repeat others"),
        _("Exact copies of other rows: %(count)s."),
        _("A copy counts twice in training and is paid twice."),
        "Retune",
    ),
    "exact_copy": Rule(
        I,
        _("Rows that are the same as an earlier one"),
        _("This row is the same as row %(original)s."),
        source="Retune",
    ),
    "more_copies": Rule(
        I,
        _("More copies than are listed"),
        _("The first %(limit)s copies are listed. Found beyond them: %(count)s."),
        source="Retune",
    ),
    "more_problems": Rule(
        I,
        _("More problems than are listed"),
        _("The first %(limit)s problems are listed. Found beyond them: %(count)s."),
        source="Retune",
    ),
    "more_in_row": Rule(
        I,
        _("More problems in this row"),
        _("This row has more problems than are listed here."),
        source="Retune",
    ),
}


def severity(code: str) -> Severity:
    """Return how grave a rule is; a code of a later version is only good to know."""
    return RULES[code].severity if code in RULES else Severity.INFO
