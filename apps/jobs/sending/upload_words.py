"""How the files of a job will be sent, in sentences for people."""

from collections.abc import Iterator

from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from apps.datasets.models import Version
from apps.datasets.trainability import Verdict
from apps.providers.profiles import Profile

LARGE_BYTES = 100 * 1024 * 1024  # from here on it takes long enough to be told about


def sentences(version: Version, profile: Profile, verdict: Verdict) -> Iterator[str]:
    """Say what is written differently for this provider, and in how many pieces it goes."""
    yield from verdict.changes
    facts = {"name": version.title, "size": filesizeformat(version.size_bytes)}
    parts = profile.uploads
    if parts and version.size_bytes > parts.above_bytes:
        words = _("“%(name)s” has %(size)s and is sent in parts of %(part)s.")
        yield words % {**facts, "part": filesizeformat(parts.part_bytes)}
    elif version.size_bytes > LARGE_BYTES:
        words = _("“%(name)s” has %(size)s and is sent in one piece: that may take a while.")
        yield words % facts
