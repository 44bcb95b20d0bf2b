"""The form of a connection. Secrets go in and never come out."""

from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.urls import reverse_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.providers.models import Connection
from apps.providers.profiles import Profile, profile_for
from apps.providers.profiles.files import NAMES
from apps.providers.profiles.words import DETAILS
from apps.providers.validators import validate_base_url, validate_header_text

FIRST = Connection.Profile.OPENAI
TYPED_PROFILES = [
    choice for choice in Connection.Profile.choices if choice[0] != Connection.Profile.ENGINE
]
SHOWN = ("name", "profile", "base_url", "calls_per_minute")
PLACEHOLDER = "YOUR-RESOURCE"  # in a suggested address
# Ids and names at providers. They become part of an address, so nothing else may stand in them.
NAME_THERE = RegexValidator(
    r"\A[\w.()-]+\Z", _("Only letters, digits and the signs . - _ ( ) can stand here.")
)


class ConnectionForm(forms.Form):
    """Checks shape only; whether the server answers is what the test says."""

    name = forms.CharField(label=_("Name"), max_length=100)
    profile = forms.ChoiceField(
        label=_("Kind"),
        choices=TYPED_PROFILES,
        help_text=_("Decides what Retune offers there, and the prices and limits it shows."),
        widget=forms.Select(
            attrs={
                "hx-get": reverse_lazy("providers:kind"),
                "hx-trigger": "change",
                "hx-target": "#connection-kind",
                "hx-swap": "outerHTML",
                "hx-include": "#id_base_url",
            }
        ),
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

    calls_per_minute = forms.IntegerField(
        label=_("Requests per minute at most"),
        min_value=1,
        max_value=100_000,
        required=False,
        help_text=_(
            "When the server allows only so many. Left empty, Retune asks when news are due, "
            "and waits whenever the server tells it to."
        ),
    )

    def __init__(self, *args: Any, connection: Connection | None = None, **kwargs: Any) -> None:
        if connection:
            shown = (*SHOWN, "organization", "project")
            known = {name: getattr(connection, name) for name in shown}
            kwargs["initial"] = {**connection.details, **known, **(kwargs.get("initial") or {})}
        super().__init__(*args, **kwargs)
        self.kind = self._kind()
        self._saved_secret = bool(connection and connection.encrypted_deploy_secret)
        self._add_details()
        if connection:
            self._keep_key_of(connection)

    @property
    def detail_fields(self) -> list[forms.BoundField]:
        """What only this kind of provider needs to know."""
        secret = ["deploy_secret"] if self.kind.deploy_secret else []
        return [self[name] for name in (*self.kind.details, *secret)]

    def clean_base_url(self) -> str:
        """Refuse our own suggestion where the person's part is still missing."""
        address = str(self.cleaned_data["base_url"])
        if PLACEHOLDER in address:
            words = _("Put the name of your own resource in place of %(placeholder)s.")
            raise forms.ValidationError(words % {"placeholder": PLACEHOLDER})
        return address

    def clean(self) -> dict[str, Any]:
        """Ask for all that deploying needs, or for nothing of it."""
        wanted = self.kind.details
        given = [name for name in wanted if self.cleaned_data.get(name)]
        if given or self.cleaned_data.get("deploy_secret"):
            for name in wanted:
                if not self.cleaned_data.get(name) and name not in self.errors:
                    self.add_error(name, _("Fill in all of these, or leave all of them empty."))
        return self.cleaned_data

    def wish(self) -> dict[str, Any]:
        """Return the arguments of services.create_connection and update_connection."""
        data = self.cleaned_data
        wish = {name: data[name] for name in (*SHOWN, "key")}
        if self.kind.has_organizations:
            wish |= {name: data[name] for name in ("organization", "project")}
        details = {name: data[name] for name in self.kind.details}
        return wish | {"details": details, "deploy_secret": data.get("deploy_secret", "")}

    def _kind(self) -> Profile:
        asked = self.data.get("profile") if self.is_bound else self.initial.get("profile")
        return profile_for(asked if asked in NAMES else FIRST)

    def _add_details(self) -> None:
        for name in self.kind.details:
            label, help_text = DETAILS[name]
            self.fields[name] = forms.CharField(
                label=label,
                help_text=help_text,
                max_length=200,
                required=self.kind.needs_details,
                validators=[NAME_THERE],
                widget=forms.TextInput(attrs={"spellcheck": "false", "autocomplete": "off"}),
            )
        if self.kind.deploy_secret:
            self.fields["deploy_secret"] = self._secret_field()

    def _secret_field(self) -> forms.Field:
        saved = _("A secret is saved. Leave this empty to keep it; a new tenant needs a new one.")
        fresh = _("Of that application. Stored encrypted, shown to nobody, sent only to Entra.")
        return forms.CharField(
            label=_("Client secret"),
            help_text=saved if self._saved_secret else fresh,
            max_length=1000,
            required=False,
            validators=[validate_header_text],
            widget=forms.PasswordInput(attrs={"autocomplete": "off", "class": "font-mono"}),
        )

    def _keep_key_of(self, connection: Connection) -> None:
        key = self.fields["key"]
        key.required = False
        key.help_text = _saved(connection.key_last_four)


def _saved(last_four: str) -> str:
    """Say that there is a key. Of a short one no part is known here."""
    if not last_four:
        return gettext(
            "A key is saved. Leave this empty to keep it; a new base URL needs its key again."
        )
    words = gettext(
        "The saved key ends with …%(last_four)s. Leave this empty to keep it; "
        "a new base URL needs its key again."
    )
    return words % {"last_four": last_four}


def suggested_base_url(kind: str, typed: str) -> str:
    """Return what to put into the field: what was typed, unless it was a suggestion of ours."""
    ours = {profile_for(name).base_url for name in NAMES} | {""}
    return profile_for(kind).base_url if typed.strip() in ours else typed
