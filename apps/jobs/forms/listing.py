"""The filters of the list of jobs."""

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Membership
from apps.jobs.selectors import Filters
from apps.providers.models import Connection
from apps.providers.types import JobStatus


class FilterForm(forms.Form):
    """The filters of the list, as they stand in its address."""

    status = forms.ChoiceField(
        label=_("Status"),
        choices=[("", _("All")), ("active", _("Active")), *JobStatus.choices],
        required=False,
    )
    connection = forms.ModelChoiceField(
        label=_("Connection"),
        queryset=Connection.objects.none(),
        to_field_name="public_id",
        required=False,
        empty_label=_("All"),
    )
    q = forms.CharField(
        label=_("Search"),
        max_length=100,
        required=False,
        widget=forms.TextInput(
            attrs={"type": "search", "placeholder": _("Name, model or dataset")}
        ),
    )

    def __init__(self, data: QueryDict, *, membership: Membership) -> None:
        super().__init__(data)
        connections = Connection.objects.visible_to(membership).order_by("name", "pk")
        self.fields["connection"].queryset = connections  # type: ignore[attr-defined]

    def filters(self) -> Filters:
        """Return the filters that make sense; the others are not there."""
        self.is_valid()
        connection: Connection | None = self.cleaned_data.get("connection")
        return Filters(
            status=self.cleaned_data.get("status", ""),
            connection=connection.public_id if connection else None,
            search=self.cleaned_data.get("q", ""),
        )
