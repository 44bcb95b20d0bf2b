"""What can be wrong with tools: declared, called, answered."""

from django.utils.translation import gettext_lazy as _

from apps.datasets.rulebook.rule import E, I, Rule, W

RULES: dict[str, Rule] = {
    "bad_name": Rule(
        E,
        _("Name with other characters"),
        _("“%(value)s” is not a name: use at most 64 letters, digits, _ and -."),
        _("Rename it where it is declared and where it is called."),
        source="SDK",
    ),
    "too_many_tools": Rule(
        E,
        _("Too many tools"),
        _("There are %(count)s tools; at most %(limit)s are allowed."),
        _("Declare only those that such a conversation needs."),
        source="SPEC",
    ),
    "tool_twice": Rule(
        W,
        _("Tool declared twice"),
        _("Another tool of this row has the name “%(value)s”, too."),
        _("Keep one of them, or rename the other."),
        source="Retune",
    ),
    "parameters_not_object": Rule(
        W,
        _("Parameters that are no object"),
        _("The parameters are described as “%(value)s”; a tool is called with an object."),
        _('Write "type": "object", and the parameters under “properties”.'),
        source="SDK",
    ),
    "arguments_not_json": Rule(
        E,
        _("Arguments that are not JSON"),
        _("The arguments must be a string that holds a JSON object."),
        _('For example "{\\"city\\": \\"Paris\\"}".'),
        "SFT",
        "fix_types",
    ),
    "unknown_tool_call": Rule(
        E,
        _("Answer to a call that is not there"),
        _("No earlier message calls a tool with the id “%(value)s”."),
        _("Give it the id of the call that it answers."),
        source="SFT",
        repair="drop_rows_with_problems",
    ),
    "unanswered_tool_call": Rule(
        W,
        _("Tool call without an answer"),
        _("No message answers the tool call “%(value)s” before the conversation goes on."),
        _("Add a message of the role tool with its result, right after the call."),
        source="SFT",
        repair="drop_rows_with_problems",
    ),
    "answered_twice": Rule(
        W,
        _("Tool call answered twice"),
        _("The tool call “%(value)s” has been answered before."),
        _("Keep one of the two answers."),
        source="SFT",
        repair="drop_rows_with_problems",
    ),
    "call_id_twice": Rule(
        W,
        _("Id of two tool calls"),
        _("An earlier tool call has the id “%(value)s”, too."),
        _("Give every call an id of its own, and the same to its answer."),
        source="SFT",
    ),
    "undeclared_tool": Rule(
        W,
        _("Call of a tool that is not declared"),
        _("The tool “%(value)s” is called, but not declared in this row."),
        _("Declare it: the model should see the same tools in training and later."),
        "SFT",
    ),
    "calls_without_tools": Rule(
        I,
        _("Calls without declared tools"),
        _("Tools are called, but the row declares none."),
        _("Declare them: the model should see the same tools in training and later."),
        "SFT",
    ),
    "unknown_argument": Rule(
        W,
        _("Argument that the tool does not have"),
        _("“%(value)s” is not among the parameters that the tool declares."),
        _("Declare it, or leave it out of the call."),
        source="Retune",
    ),
    "missing_argument": Rule(
        W,
        _("Required argument left out"),
        _("The tool requires the argument “%(value)s”."),
        _("Add it to the call, or declare it as not required."),
        source="Retune",
    ),
    "parallel_calls": Rule(
        W,
        _("Parallel calls where they are switched off"),
        _("One message calls %(count)s tools, but parallel_tool_calls is false in this row."),
        _("Make one call per message, or leave parallel_tool_calls out."),
        source="OLDGUIDE",
    ),
    "parallel_without_tools": Rule(
        I,
        _("parallel_tool_calls without tools"),
        _("parallel_tool_calls is set, but the row declares no tools."),
        _("Remove it, or declare the tools."),
        source="OLDGUIDE",
    ),
    "old_functions": Rule(
        I,
        _("Functions instead of tools"),
        _("The key functions is deprecated."),
        _("Declare tools, and call them with tool_calls."),
        "SPEC",
    ),
}
