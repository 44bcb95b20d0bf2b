"""A person's own labels on a job at its provider: OpenAI's limits (pure)."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

MAX_PAIRS = 15  # OpenAI keeps 16; one carries our own id of the job
MAX_KEY = 64
MAX_VALUE = 512
OURS = "retune_"  # where names begin that adapters write


def problem_with(pairs: Mapping[str, str]) -> str:
    """Return what a provider would refuse, or what would get lost; empty when all is well."""
    if len(pairs) > MAX_PAIRS:
        return _("Use at most %(limit)d labels.") % {"limit": MAX_PAIRS}
    for key, value in pairs.items():
        if not key:
            return _("Give every label a name.")
        if len(key) > MAX_KEY:
            return _("A name has at most %(limit)d characters.") % {"limit": MAX_KEY}
        if len(value) > MAX_VALUE:
            return _("A value has at most %(limit)d characters.") % {"limit": MAX_VALUE}
        if key.startswith(OURS):
            return _("Names that begin with “%(start)s” are Retune's own.") % {"start": OURS}
    return ""
