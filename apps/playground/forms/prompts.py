"""What is asked, how often, and under which title."""

from typing import TYPE_CHECKING

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.core.widgets import Textarea
from apps.playground.forms.settings import FORM_ID, one_kind_of_newline
from apps.playground.models import MAX_SAMPLES, Conversation

if TYPE_CHECKING:
    ConversationForm = forms.ModelForm[Conversation]
else:
    ConversationForm = forms.ModelForm  # not subscriptable when it runs

MAX_PROMPT = 200_000


class PromptForm(forms.Form):
    """What is asked. The token makes a double click one prompt."""

    text = forms.CharField(
        label=_("Your message"),
        max_length=MAX_PROMPT,
        strip=False,
        error_messages={
            "required": _("Write a message first."),
            "max_length": _(
                "A message has at most %(limit_value)s characters; this one has %(show_value)s."
            ),
        },
        widget=Textarea(
            attrs={"rows": 2, "form": FORM_ID, "class": "field-sizing-content min-h-16 max-h-60"}
        ),
    )
    samples = forms.TypedChoiceField(
        label=_("Answers per model"),
        coerce=int,
        required=False,
        choices=[(number, str(number)) for number in range(1, MAX_SAMPLES + 1)],
        error_messages={"invalid_choice": _("Ask each model for 1 to 8 answers.")},
    )
    form_token = forms.UUIDField(widget=forms.HiddenInput(attrs={"form": FORM_ID}))

    def clean_text(self) -> str:
        text = one_kind_of_newline(self.cleaned_data["text"])
        if not text.strip():
            raise forms.ValidationError(gettext("Write a message first."))
        return text

    def clean_samples(self) -> int:
        return self.cleaned_data["samples"] or 1


class TitleForm(ConversationForm):
    class Meta:
        model = Conversation
        fields = ["title"]
        labels = {"title": _("Title")}
