"""What a base URL has to look like before anything is sent to it."""

from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _


def validate_base_url(value: str) -> None:
    """Refuse what is no plain http(s) address; where it may lead is the guard's business."""
    try:
        parts = urlsplit(value)
        has_host = bool(parts.hostname) and parts.port != 0  # reading a bad port raises
    except ValueError:
        has_host = False
    if not has_host or parts.scheme not in {"http", "https"} or not value.isprintable():
        raise ValidationError(_("Enter an address such as https://api.openai.com/v1."))
    if " " in value or "\\" in value:
        raise ValidationError(_("An address has no spaces and no backslashes."))
    if parts.username or parts.password:
        raise ValidationError(_("Put the key into its own field, not into the address."))
    if parts.query or parts.fragment:
        raise ValidationError(_("The address must end before any ? or #."))


def validate_header_text(value: str) -> None:
    """Refuse what cannot travel in an HTTP header: spaces, line ends, anything but ASCII."""
    if not (value.isascii() and value.isprintable()) or " " in value:
        raise ValidationError(_("Only letters, digits and signs without spaces can be sent."))
