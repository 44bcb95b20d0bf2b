"""Forms of saved cases: written by hand, and changed."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from apps.core.widgets import Textarea
from apps.evals.questions.saving import LONGEST_NAME, clean_name

LONGEST_TEXT = 50_000
COLLECTIONS_ID = "collections"


class ChangedCaseForm(forms.Form):
    """What may change of a saved case: never its question, which is what it is known by."""

    expected = forms.CharField(
        label=gettext_lazy("Expected answer"),
        required=False,
        max_length=LONGEST_TEXT,
        widget=Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy(
            "Left empty, only graders that need none can judge it: a judge, people, a pattern."
        ),
    )
    note = forms.CharField(
        label=gettext_lazy("Note"),
        required=False,
        max_length=LONGEST_TEXT,
        widget=Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("Why it is worth asking. No model sees this."),
    )
    collection = forms.CharField(
        label=gettext_lazy("Collection"),
        max_length=LONGEST_NAME,
        widget=forms.TextInput(attrs={"list": COLLECTIONS_ID, "autocomplete": "off"}),
        help_text=gettext_lazy("Cases of one collection are asked together."),
    )

    def clean_collection(self) -> str:
        """Return the name on one line."""
        return clean_name(self.cleaned_data["collection"])


class SavedCaseForm(ChangedCaseForm):
    """A question written by hand."""

    question = forms.CharField(
        label=gettext_lazy("Question"),
        max_length=LONGEST_TEXT,
        widget=Textarea(attrs={"rows": 4}),
    )
    system_prompt = forms.CharField(
        label=gettext_lazy("System prompt"),
        required=False,
        max_length=LONGEST_TEXT,
        widget=Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("What stands before every question in your application."),
    )
    field_order = ("collection", "system_prompt", "question", "expected", "note")

    def messages(self) -> list[dict[str, Any]]:
        """Return the question as it is asked."""
        data = self.cleaned_data
        system = [{"role": "system", "content": data["system_prompt"]}]
        asked = {"role": "user", "content": data["question"]}
        return [*(system if data["system_prompt"] else []), asked]
