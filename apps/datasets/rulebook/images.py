"""What can be wrong with images."""

from django.utils.translation import gettext_lazy as _

from apps.datasets.rulebook.rule import E, Rule, W

RULES: dict[str, Rule] = {
    "image_not_user": Rule(
        E,
        _("Image outside a user message"),
        _("Only messages of the user may contain images."),
        _("Move it to a message of the user, or say in words what it shows."),
        source="VIS",
        repair="drop_rows_with_problems",
    ),
    "too_many_images": Rule(
        E,
        _("Too many images"),
        _("There are %(count)s images in this row; nobody takes more than %(limit)s."),
        _("Split the row, or leave some of them out."),
        source="AZURE",
        repair="drop_rows_with_problems",
    ),
    "many_images": Rule(
        W,
        _("More images than OpenAI takes"),
        _("There are %(count)s images in this row. OpenAI takes %(limit)s, Azure up to 64."),
        _("For OpenAI, split the row or leave some of them out."),
        source="VIS, AZURE",
        repair="drop_rows_with_problems",
    ),
    "bad_image_url": Rule(
        E,
        _("Image address"),
        _("“%(value)s” is neither an http(s) address nor a data: address of an image."),
        _("A file on your disk cannot be reached: give its bytes as data:image/png;base64,…"),
        source="VIS",
        repair="drop_rows_with_problems",
    ),
    "image_type": Rule(
        E,
        _("Type of image"),
        _("“%(value)s” cannot be trained on; images must be one of: %(allowed)s."),
        _("Save the image as PNG or JPEG."),
        source="VIS",
        repair="drop_rows_with_problems",
    ),
    "image_not_base64": Rule(
        E,
        _("Image that cannot be decoded"),
        _("What follows data: is not base64."),
        _("Encode the bytes of the image anew; a part of them was probably lost."),
        source="VIS",
        repair="drop_rows_with_problems",
    ),
    "image_too_large": Rule(
        E,
        _("Image too large"),
        _("The image has %(megabytes)s MB; at most %(limit)s MB are allowed."),
        _("OpenAI leaves larger images out without stopping the job."),
        "VIS",
        "drop_rows_with_problems",
    ),
    "image_type_differs": Rule(
        W,
        _("Image of another type than it says"),
        _("The address says %(value)s, but the image does not begin like one."),
        _("Name the type that it really is."),
        source="VIS",
    ),
}
