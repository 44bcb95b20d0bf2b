"""The forms of notifications: shape only."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.notifications.models import Inbox, Kind
from apps.providers.validators import validate_base_url


class EmailForm(forms.Form):
    """Where one member's e-mails go, and about what."""

    address = forms.EmailField(
        label=_("E-mail address"),
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    wish = forms.ChoiceField(label=_("Send me e-mails about"), choices=Inbox.Email)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("wish") != Inbox.Email.NONE and not data.get("address"):
            self.add_error("address", _("Enter an address, or choose to get no e-mails."))
        return data


class WebhookForm(forms.Form):
    """A new webhook."""

    name = forms.CharField(label=_("Name"), max_length=100)
    url = forms.CharField(
        label=_("Address"),
        max_length=500,
        validators=[validate_base_url],
        help_text=_("An https address that answers 2xx within 15 seconds."),
        widget=forms.TextInput(attrs={"inputmode": "url", "spellcheck": "false"}),
    )
    kinds = forms.MultipleChoiceField(
        label=_("Tell it when"),
        choices=Kind,
        initial=Kind.values,
        widget=forms.CheckboxSelectMultiple,
    )
