"""When a model stops answering, and who said so. Pure."""

from dataclasses import dataclass
from datetime import date

from apps.library import names
from apps.library.models import EndToldBy
from apps.providers.profiles import Profile


@dataclass(frozen=True, slots=True)
class Ending:
    """The date that counts. Without a date nobody has announced an end."""

    on: date | None = None
    told_by: str = ""


@dataclass(frozen=True, slots=True)
class Announcement:
    """When and where an announced end was read."""

    as_of: date
    source: str


def ending(*, own: date | None, of_base: date | None, base: str, profile: Profile) -> Ending:
    """Believe the provider's list first, then its word for the base, then our dated data."""
    for day, told_by in (
        (own, EndToldBy.MODEL),
        (of_base, EndToldBy.BASE),
        (_announced(base, profile), EndToldBy.ANNOUNCEMENT),
    ):
        if day is not None:
            return Ending(day, told_by)
    return Ending()


def announcement(base: str, profile: Profile) -> Announcement:
    """Return where the end of this base model was read."""
    if profile.dates and profile.dates_of(_root(base)):
        return Announcement(profile.dates.as_of, profile.dates.source)
    return Announcement(profile.as_of, profile.source)


def _announced(base: str, profile: Profile) -> date | None:
    dates = profile.dates_of(_root(base))
    return dates.answers if dates else profile.last_answers_date


def _root(base: str) -> str:
    """Return what a model was trained from at first, where it was trained further."""
    return names.base_of(base) or base


def day_of(text: str | None) -> date | None:
    """Read a provider's date; what is not one says nothing."""
    try:
        return date.fromisoformat((text or "")[:10])
    except ValueError:
        return None
