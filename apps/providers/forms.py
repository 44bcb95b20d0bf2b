"""The form of a connection. The key goes in and never comes out."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.providers.models import Connection
from apps.providers.validators import validate_base_url, validate_header_text

TYPED_PROFILES = [
    choice for choice in Connection.Profile.choices if choice[0] != Connection.Profile.ENGINE
]


class ConnectionForm(forms.Form):
    """Checks shape only; whether the server answers is what the test says."""

    name = forms.CharField(label=_("Name"), max_length=100)
    profile = forms.ChoiceField(
        label=_("Kind"),
        choices=TYPED_PROFILES,
        help_text=_("Decides which prices, limits and dates Retune shows."),
    )
    base_url = forms.CharField(
        label=_("Base URL"),
        max_length=500,
        validators=[validate_base_url],
        help_text=_("Usually ends with /v1."),
        widget=forms.TextInput(attrs={"inputmode": "url", "spellcheck": "false"}),
    )
    key = forms.CharField(
        label=_("Key"),
        max_length=4000,
        validators=[validate_header_text],
        help_text=_(
            "Stored encrypted, shown to nobody, sent only to this base URL. "
            "If the server needs none, enter any word."
        ),
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "class": "font-mono"}),
    )
    organization = forms.CharField(
        label=_("Organisation"),
        max_length=100,
        required=False,
        validators=[validate_header_text],
        help_text=_("Only if your key belongs to several."),
    )
    project = forms.CharField(
        label=_("Project"), max_length=100, required=False, validators=[validate_header_text]
    )

    def __init__(self, *args: Any, connection: Connection | None = None, **kwargs: Any) -> None:
        if connection:
            shown = ("name", "profile", "base_url", "organization", "project")
            kwargs["initial"] = {name: getattr(connection, name) for name in shown}
        super().__init__(*args, **kwargs)
        if connection:
            self._keep_key_of(connection)

    def _keep_key_of(self, connection: Connection) -> None:
        key = self.fields["key"]
        key.required = False
        key.help_text = _(
            "The saved key ends with …%(last_four)s. Leave this empty to keep it; "
            "a new base URL needs its key again."
        ) % {"last_four": connection.key_last_four or "?"}
