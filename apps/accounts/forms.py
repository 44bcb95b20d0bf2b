"""Signing in, the first owner, and what a person changes about themselves."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.contrib.auth.password_validation import (
    password_validators_help_texts,
    validate_password,
)
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import ApiToken, User

if TYPE_CHECKING:
    UserModelForm = forms.ModelForm[User]
    TokenModelForm = forms.ModelForm[ApiToken]
else:  # Django's own class takes no parameter
    UserModelForm = TokenModelForm = forms.ModelForm


def _password_rules() -> str:
    return " ".join(password_validators_help_texts())


class OwnerForm(UserModelForm):
    """The first owner: a name, an e-mail address if wanted, and a password typed twice."""

    password = forms.CharField(
        label=_("Password"),
        strip=False,
        max_length=4096,
        help_text=lazy(_password_rules, str)(),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    password_again = forms.CharField(
        label=_("Password again"),
        strip=False,
        max_length=4096,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    class Meta:
        model = User
        fields = ("username", "email")
        labels = {"username": _("Name"), "email": _("E-mail")}
        help_texts = {"username": _("You sign in with it. Letters, digits and @ . + - _ only.")}
        widgets = {
            "username": forms.TextInput(attrs={"autocomplete": "username", "autofocus": True}),
            "email": forms.EmailInput(attrs={"autocomplete": "email"}),
        }

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("password") != cleaned.get("password_again"):
            self.add_error("password_again", _("The two passwords are not the same."))
        if password := cleaned.get("password"):
            self._check_strength(password)
        return cleaned

    def _check_strength(self, password: str) -> None:
        person = User(username=self.data.get("username", ""), email=self.data.get("email", ""))
        try:
            validate_password(password, person)
        except forms.ValidationError as exc:
            self.add_error("password", exc)

    def owner_fields(self) -> dict[str, str]:
        """Return what the service asks for."""
        return {name: self.cleaned_data[name] for name in ("username", "email", "password")}


class SignInForm(AuthenticationForm):
    """Django's own, in the words of the set-up page."""

    error_messages = {
        **AuthenticationForm.error_messages,
        "invalid_login": _("Name or password is wrong. Upper and lower case make a difference."),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = _("Name")


class OwnPasswordForm(PasswordChangeForm):
    """Django's own, without a list inside a paragraph and without taking the focus."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["old_password"].widget.attrs.pop("autofocus", None)
        self.fields["new_password1"].help_text = _password_rules()
        self.fields["new_password2"].label = _("New password again")
        self.fields["new_password2"].help_text = ""


class LanguageForm(forms.Form):
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)


class TokenForm(TokenModelForm):
    class Meta:
        model = ApiToken
        fields = ("name",)
        labels = {"name": _("What is it for?")}
        widgets = {"name": forms.TextInput(attrs={"placeholder": _("Training script")})}
