"""What a password has to be."""

from django.contrib.auth.password_validation import MinimumLengthValidator
from django.utils.translation import ngettext


class LengthValidator(MinimumLengthValidator):
    """Django's own, in our words: Django 5.2 changed its sentence and not the translations."""

    def get_error_message(self) -> str:
        words = ngettext(
            "This password is too short: it needs at least %(count)d character.",
            "This password is too short: it needs at least %(count)d characters.",
            self.min_length,
        )
        return words % {"count": self.min_length}
