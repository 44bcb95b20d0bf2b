"""The forms of the page. Sending takes all of them: the prompt, the settings, the columns."""

import uuid
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Membership
from apps.playground.models import Conversation
from apps.playground.services import ColumnChoice
from apps.providers.models import Connection

if TYPE_CHECKING:
    ConversationForm = forms.ModelForm[Conversation]
else:
    ConversationForm = forms.ModelForm  # not subscriptable when it runs

FORM_ID = "composer"  # the fields stand all over the page; this ties them to one form
MAX_PROMPT = 200_000


class PromptForm(forms.Form):
    """What is asked. The token makes a double click one prompt."""

    text = forms.CharField(
        label=_("Your message"),
        max_length=MAX_PROMPT,
        strip=False,
        error_messages={"required": _("Write a message first.")},
        widget=forms.Textarea(attrs={"rows": 3, "form": FORM_ID}),
    )
    form_token = forms.UUIDField(widget=forms.HiddenInput(attrs={"form": FORM_ID}))

    def clean_text(self) -> str:
        text = _one_kind_of_newline(self.cleaned_data["text"])
        if not text.strip():
            raise forms.ValidationError(gettext("Write a message first."))
        return text


class SettingsForm(ConversationForm):
    """What all columns share. An empty parameter is not sent: the provider's default holds."""

    class Meta:
        model = Conversation
        fields = ["system_prompt", "temperature", "max_tokens", "top_p"]
        labels = {
            "system_prompt": _("System prompt"),
            "temperature": _("Temperature"),
            "max_tokens": _("Longest answer, in tokens"),
            "top_p": _("Top-p"),
        }
        help_texts = {
            "temperature": _(
                "0 always takes the likeliest word; higher values vary more. Up to 2."
            ),
            "max_tokens": _("The answer is cut off after this many tokens."),
            "top_p": _(
                "Chooses only among the likeliest words that add up to this share. "
                "Change this or the temperature, not both."
            ),
        }
        widgets = {
            "system_prompt": forms.Textarea(attrs={"rows": 3, "form": FORM_ID}),
            "temperature": forms.NumberInput(
                attrs={"min": 0, "max": 2, "step": "any", "form": FORM_ID}
            ),
            "max_tokens": forms.NumberInput(attrs={"min": 1, "step": 1, "form": FORM_ID}),
            "top_p": forms.NumberInput(attrs={"min": 0, "max": 1, "step": "any", "form": FORM_ID}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.CharField, self.fields["system_prompt"]).strip = False

    def clean_system_prompt(self) -> str:
        return _one_kind_of_newline(self.cleaned_data["system_prompt"])


class ColumnForm(forms.Form):
    """Which model one column asks: one from the list, or an id that was typed."""

    connection = forms.ModelChoiceField(
        Connection.objects.none(),
        label=_("Connection"),
        empty_label=None,
        to_field_name="public_id",
        error_messages={
            "required": _("Choose a connection."),
            "invalid_choice": _("Choose a connection."),
        },
    )
    model = forms.CharField(label=_("Model"), max_length=300, required=False)
    typed_model = forms.CharField(label=_("Model id"), max_length=300, required=False)

    def __init__(self, *args: Any, membership: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast("forms.ModelChoiceField[Connection]", self.fields["connection"])
        field.queryset = Connection.objects.visible_to(membership).order_by("name", "pk")
        for each in self.fields.values():
            each.widget.attrs["form"] = FORM_ID

    def clean(self) -> dict[str, Any]:
        super().clean()
        cleaned = self.cleaned_data
        cleaned["model"] = cleaned.get("model") or cleaned.get("typed_model") or ""
        if not cleaned["model"]:
            raise forms.ValidationError(gettext("Choose a model for each side."))
        return cleaned

    @property
    def choice(self) -> ColumnChoice:
        """What was chosen; only after `is_valid()`."""
        return ColumnChoice(self.cleaned_data["connection"], self.cleaned_data["model"])


class TitleForm(ConversationForm):
    class Meta:
        model = Conversation
        fields = ["title"]
        labels = {"title": _("Title")}


class Composer:
    """All forms of one page. `columns` is what each column asks so far."""

    def __init__(
        self,
        *,
        membership: Membership,
        conversation: Conversation,
        columns: Sequence[ColumnChoice],
        data: QueryDict | None = None,
    ) -> None:
        self.prompt = PromptForm(data, initial={"form_token": uuid.uuid4()})
        self.settings = SettingsForm(data, instance=conversation)
        self.columns = [
            ColumnForm(
                data,
                prefix=column_prefix(position),
                membership=membership,
                initial={"connection": column.connection, "model": column.model},
            )
            for position, column in enumerate(columns)
        ]

    @property
    def has_connections(self) -> bool:
        """Whether there is anything to choose from."""
        field = cast("forms.ModelChoiceField[Connection]", self.columns[0].fields["connection"])
        return bool(field.queryset and field.queryset.exists())

    @property
    def forms(self) -> list[forms.BaseForm]:
        return [self.prompt, *self.columns, self.settings]

    def is_valid(self) -> bool:
        """Check every form, also after the first bad one: all errors are told at once."""
        return not self.errors

    @property
    def errors(self) -> list[str]:
        """What is wrong, each sentence once, with the field's name where there is one."""
        return list(dict.fromkeys(words for form in self.forms for words in _words(form)))


def column_prefix(position: int) -> str:
    return f"column-{position}"


def _words(form: forms.BaseForm) -> list[str]:
    words = [str(error) for error in form.non_field_errors()]
    for bound in form:
        for error in bound.errors:
            words.append(
                f"{bound.label}: {error}" if isinstance(form, SettingsForm) else str(error)
            )
    return words


def _one_kind_of_newline(text: str) -> str:
    """Browsers send CRLF; the training data has LF, and a tuned model may mind."""
    return text.replace("\r\n", "\n")
