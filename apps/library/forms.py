"""The forms of the library: filters of the list, and what people note about a model."""

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Membership
from apps.core.widgets import Textarea, WireSelect
from apps.library import names
from apps.library.filters import Filters, Order, Shown
from apps.library.models import LONGEST_TAG, TunedModel
from apps.providers.models import Connection
from apps.providers.profiles.deployments import DeploymentFacts, DeploymentOption

MOST_TAGS = 20
if TYPE_CHECKING:
    ModelForm = forms.ModelForm[TunedModel]
else:  # Django's own class takes no parameter
    ModelForm = forms.ModelForm


class FilterForm(forms.Form):
    """The filters of the list, as they stand in its address."""

    show = forms.ChoiceField(label=_("Show"), choices=Shown, required=False)
    sort = forms.ChoiceField(label=_("Order"), choices=Order, required=False)
    connection = forms.ModelChoiceField(
        label=_("Connection"),
        queryset=Connection.objects.none(),
        to_field_name="public_id",
        required=False,
        empty_label=_("All"),
    )
    tag = forms.ChoiceField(label=_("Tag"), required=False)
    q = forms.CharField(
        label=_("Search"),
        max_length=100,
        required=False,
        widget=forms.TextInput(
            attrs={"type": "search", "placeholder": _("Name, note, tag or dataset")}
        ),
    )

    def __init__(self, data: QueryDict, *, membership: Membership, tags: Sequence[str]) -> None:
        super().__init__(data)
        connections = Connection.objects.visible_to(membership).order_by("name", "pk")
        self.fields["connection"].queryset = connections  # type: ignore[attr-defined]
        self.fields["tag"].choices = [("", _("All")), *((tag, tag) for tag in tags)]  # type: ignore[attr-defined]
        if not tags:
            del self.fields["tag"]

    def filters(self) -> Filters:
        """Return the filters that make sense; the others are not there."""
        self.is_valid()
        connection: Connection | None = self.cleaned_data.get("connection")
        return Filters(
            shown=self.cleaned_data.get("show", ""),
            order=self.cleaned_data.get("sort", ""),
            connection=connection.public_id if connection else None,
            tag=self.cleaned_data.get("tag", ""),
            search=self.cleaned_data.get("q", ""),
        )


class NotesForm(ModelForm):
    """What people call a model, and what they want to remember of it."""

    tags = forms.CharField(
        label=_("Tags"),
        required=False,
        max_length=MOST_TAGS * (LONGEST_TAG + 2),
        help_text=_("Separated by commas, such as: support, best so far"),
    )

    class Meta:
        model = TunedModel
        fields = ["title", "tags", "notes"]
        labels = {"title": _("Title"), "notes": _("Notes")}
        widgets = {"notes": Textarea(attrs={"rows": 4})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["tags"] = ", ".join(self.instance.tags)

    def clean_tags(self) -> list[str]:
        """Return each tag once, without the space around it."""
        words = (" ".join(word.split()) for word in self.cleaned_data["tags"].split(","))
        tags = list(dict.fromkeys(word for word in words if word))
        if any(len(tag) > LONGEST_TAG for tag in tags):
            words_for_people = _("A tag has at most %(limit)d characters.")
            raise forms.ValidationError(words_for_people % {"limit": LONGEST_TAG})
        if len(tags) > MOST_TAGS:
            raise forms.ValidationError(_("At most %(limit)d tags, please.") % {"limit": MOST_TAGS})
        return tags


class DeployForm(forms.Form):
    """What a provider wants to know of a deployment. The token makes a double click one."""

    form_token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    def __init__(self, *args: Any, facts: DeploymentFacts | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.options = facts.options if facts else ()
        for option in self.options:
            self.fields[option.name] = _option_field(option)
        if facts and facts.bills == "hour":
            self.fields["hourly_usd"] = forms.DecimalField(
                label=_("Price per hour in US dollars, if you know it"),
                help_text=_("To show what it costs so far, where the price is not printed."),
                required=False,
                min_value=Decimal(0),
                max_digits=10,
                decimal_places=4,
            )

    def wish(self) -> dict[str, Any]:
        """Return the arguments of services.deploy."""
        filled = {option.name: self.cleaned_data[option.name] for option in self.options}
        chosen = {name: value for name, value in filled.items() if value not in {None, ""}}
        return {
            "public_id": self.cleaned_data["form_token"],
            "options": chosen,
            "hourly_usd": self.cleaned_data.get("hourly_usd"),
        }


def _option_field(option: DeploymentOption) -> forms.Field:
    words: dict[str, Any] = {"label": option.label, "help_text": option.explanation}
    words["initial"] = option.default
    words["required"] = option.default not in {None, ""}
    if option.kind == "choice":
        choices = [(each, each or _("The provider chooses")) for each in option.choices]
        return forms.ChoiceField(choices=choices, widget=WireSelect, **words)
    if option.kind == "text":
        return forms.CharField(max_length=200, **words)
    return forms.IntegerField(min_value=option.minimum, max_value=option.maximum, **words)


class DeleteModelForm(forms.Form):
    """The end of the model's name, typed: nobody deletes a model by a slip of the mouse."""

    typed = forms.CharField(
        max_length=300, widget=forms.TextInput(attrs={"autocomplete": "off", "autofocus": True})
    )

    def __init__(self, *args: Any, model: TunedModel, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.word = names.last_part(model.name)
        self._accepted = {self.word, model.name}
        label = gettext("Type %(word)s to delete this model")
        self.fields["typed"].label = label % {"word": self.word}

    def clean_typed(self) -> str:
        typed: str = self.cleaned_data["typed"].strip()
        if typed not in self._accepted:
            raise forms.ValidationError(gettext("This is not the end of the model's name."))
        return typed
