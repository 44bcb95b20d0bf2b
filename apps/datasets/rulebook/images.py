"""What can be wrong with images."""

from django.utils.translation import gettext_lazy as _

from apps.datasets.rulebook.rule import E, Rule

RULES: dict[str, Rule] = {
    "image_not_user": Rule(
        E,
        _("Image outside a user message"),
        _("Only messages of the user may contain images."),
        source="VIS",
    ),
    "bad_image_url": Rule(
        E,
        _("Image address"),
        _("“%(value)s” is neither an http(s) address nor a data: address of an image."),
        source="VIS",
    ),
}
