"""The form of a provider's webhooks. The secret goes in and never comes out."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.providers import webhooks


class SecretForm(forms.Form):
    """Takes what can be a signing secret."""

    secret = forms.CharField(
        label=gettext_lazy("Signing secret"),
        max_length=200,
        help_text=gettext_lazy("The provider shows it once, when you make the webhook there."),
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "class": "font-mono"}),
    )

    def clean_secret(self) -> str:
        secret: str = self.cleaned_data["secret"]
        if webhooks.key_of(secret) is None:
            raise ValidationError(_("This is no signing secret. It begins with “whsec_”."))
        return secret.strip()
