"""What can be wrong with tools: declared, called, answered."""

from django.utils.translation import gettext_lazy as _

from apps.datasets.rulebook.rule import E, Rule, W

RULES: dict[str, Rule] = {
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
}
