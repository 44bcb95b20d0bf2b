"""Which models are asked, and whether they have settings of their own."""

from typing import Any, cast

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Membership, WorkspaceQuerySet
from apps.playground.forms.settings import FORM_ID, SettingsForm
from apps.playground.models import MAX_COLUMNS
from apps.playground.services import ColumnChoice
from apps.providers.models import Connection

Connections = WorkspaceQuerySet[Connection]


def column_prefix(position: int) -> str:
    return f"column-{position}"


def connections_for(membership: Membership) -> Connections:
    """Return what every column can ask; read once for all of them."""
    return Connection.objects.visible_to(membership).order_by("name", "pk")


def positions_in(data: QueryDict) -> list[int]:
    """Return which columns a page has open."""
    return [
        position
        for position in range(MAX_COLUMNS)
        if f"{column_prefix(position)}-connection" in data
    ]


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
    has_own_settings = forms.BooleanField(label=_("Own settings"), required=False)

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        choice: ColumnChoice,
        connections: Connections,
    ) -> None:
        prefix = column_prefix(choice.position)
        initial = {
            "connection": choice.connection,
            "model": choice.model,
            "has_own_settings": choice.own is not None,
        }
        super().__init__(data, prefix=prefix, initial=initial)
        self.position = choice.position
        field = cast("forms.ModelChoiceField[Connection]", self.fields["connection"])
        field.queryset = connections  # which is asked anew by every field, so the list is given
        field.choices = [(field.prepare_value(each), str(each)) for each in connections]
        if choice.model and choice.connection is None:  # deleted; another is a person's choice
            field.choices = [("", gettext("Choose a connection")), *field.choices]
        for each in self.fields.values():
            each.widget.attrs["form"] = FORM_ID

    def clean(self) -> dict[str, Any]:
        super().clean()
        cleaned = self.cleaned_data
        cleaned["model"] = cleaned.get("model") or cleaned.get("typed_model") or ""
        if not cleaned["model"]:
            raise forms.ValidationError(gettext("Choose a model for each column."))
        return cleaned


class ColumnPart:
    """One column of the composer: its model, and the settings that it may have of its own."""

    def __init__(
        self,
        data: QueryDict | None,
        *,
        choice: ColumnChoice,
        connections: Connections,
    ) -> None:
        self.position = choice.position
        self.form = ColumnForm(data, choice=choice, connections=connections)
        self.own = SettingsForm(data, prefix=self.form.prefix, initial=choice.own or {})

    @property
    def number(self) -> int:
        return self.position + 1

    @property
    def has_own_settings(self) -> bool:
        return bool(self.form["has_own_settings"].value())

    @property
    def choice(self) -> ColumnChoice:
        """What was chosen; only without problems."""
        chosen = self.form.cleaned_data
        own = self.own.cleaned_data if chosen["has_own_settings"] else None
        return ColumnChoice(self.position, chosen["connection"], chosen["model"], own)

    @property
    def problems(self) -> list[str]:
        """What is wrong, each sentence with its place where it has one."""
        told = [str(error) for errors in self.form.errors.values() for error in errors]
        if not self.has_own_settings:
            return told
        place = _("Column %(number)d") % {"number": self.number}
        return [*told, *(f"{place}, {problem}" for problem in self.own.problems)]
