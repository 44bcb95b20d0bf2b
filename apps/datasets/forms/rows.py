"""The form that chooses rows. It is sent with GET: its answers are the address of the page."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.datasets.models import Version
from apps.datasets.rows.filters import PARTS, ROLES, RowFilter
from apps.datasets.rulebook import Severity, words

MOST_CHARACTERS = 200
LARGEST = 2**31 - 1
ROLE_WORDS = {
    "system": _("System"),
    "developer": _("Developer"),
    "user": _("User"),
    "assistant": _("Assistant"),
    "tool": _("Tool"),
}
PART_WORDS = {
    "tools": _("Tools"),
    "images": _("Images"),
    "weight": _("Weights"),
    "name": _("Names"),
    "several_turns": _("Several answers"),
}


def _count(label: Any) -> forms.IntegerField:
    return forms.IntegerField(label=label, required=False, min_value=0, max_value=LARGEST)


class RowFilterForm(forms.Form):
    """Which rows to show; every field may be left empty."""

    q = forms.CharField(label=_("Words"), required=False, max_length=MOST_CHARACTERS)
    code = forms.CharField(label=_("Problem"), required=False, max_length=50)
    severity = forms.ChoiceField(
        label=_("How grave"),
        required=False,
        choices=[("", _("Any")), *((severity.value, severity.label) for severity in Severity)],
    )
    role = forms.ChoiceField(
        label=_("With a message of"),
        required=False,
        choices=[("", _("Anybody")), *((name, ROLE_WORDS[name]) for name in ROLES)],
    )
    has = forms.MultipleChoiceField(
        label=_("With"),
        required=False,
        choices=[(name, PART_WORDS[name]) for name in PARTS],
        widget=forms.CheckboxSelectMultiple,
    )
    label = forms.CharField(label=_("Answer"), required=False, max_length=60)
    tokens_from = _count(_("Tokens from"))
    tokens_to = _count(_("Tokens up to"))
    messages_from = _count(_("Messages from"))
    messages_to = _count(_("Messages up to"))

    def __init__(self, *args: Any, version: Version, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        groups = [*version.problem_groups, *version.examination.get("groups", [])]
        codes = [group["code"] for group in groups]
        self.fields["code"].widget = forms.Select(
            choices=[("", _("Any")), *((code, words.title(code)) for code in codes)]
        )

    @property
    def wanted(self) -> RowFilter:
        """What is asked for, once the form is valid."""
        answers = self.cleaned_data
        return RowFilter(
            text=answers["q"],
            code=answers["code"],
            severity=answers["severity"],
            role=answers["role"],
            has=tuple(answers["has"]),
            label=answers["label"],
            tokens_from=answers["tokens_from"],
            tokens_to=answers["tokens_to"],
            messages_from=answers["messages_from"],
            messages_to=answers["messages_to"],
        )
