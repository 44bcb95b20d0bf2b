"""What can be wrong with a preference (DPO) row."""

from django.utils.translation import gettext_lazy as _

from apps.datasets.rulebook.rule import E, Rule, W

RULES: dict[str, Rule] = {
    "other_spelling": Rule(
        W,
        _("Key of the schema instead of the guide"),
        _("OpenAI's schema says “%(key)s”, but its guide and most servers say “%(guide)s”."),
        _("Rename it. Exports and jobs write the name of the guide."),
        "DPO, SPEC",
        "fix_keys",
    ),
    "foreign_spelling": Rule(
        E,
        _("Keys of another tool"),
        _("“%(key)s” is what TRL says; OpenAI's guide says “%(guide)s”."),
        _("Write input.messages, preferred_output and non_preferred_output, all of messages."),
        "DPO",
        "fix_keys",
    ),
    "not_one_answer": Rule(
        E,
        _("Not exactly one answer to compare"),
        _("There are %(count)s messages; each output must be one answer."),
        _("Keep the message that answers the input."),
        source="DPO",
        repair="drop_rows_with_problems",
    ),
    "output_not_answer": Rule(
        E,
        _("Output that is no answer"),
        _("An output must be a message of the assistant, not of “%(role)s”."),
        _("Give it the role assistant."),
        source="DPO",
        repair="drop_rows_with_problems",
    ),
    "image_compared": Rule(
        E,
        _("Image in a preference row"),
        _("Preference rows can hold text only."),
        _("Leave out the image, or the row."),
        source="DPO",
        repair="drop_rows_with_problems",
    ),
    "calls_compared": Rule(
        W,
        _("Tool call in an output"),
        _("An output calls a tool; preference training compares texts."),
        _("Write an output that says something, or leave the row out."),
        source="DPO",
        repair="drop_rows_with_problems",
    ),
    "equal_outputs": Rule(
        W,
        _("Two answers that are the same"),
        _("Both answers say the same, so nothing can be learned from comparing them."),
        _("Write two that differ, or leave the row out."),
        source="Retune",
        repair="drop_rows_with_problems",
    ),
    "input_ends_with_answer": Rule(
        W,
        _("Input that ends with an answer"),
        _("The input ends with a message of the assistant; the outputs answer what comes last."),
        _("End the input with what the user says."),
        source="DPO",
    ),
}
