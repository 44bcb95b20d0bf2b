"""When a model stops answering, and who said so. Pure."""

from dataclasses import dataclass
from datetime import date

from apps.library.models import EndToldBy
from apps.providers.profiles import Profile


@dataclass(frozen=True, slots=True)
class Ending:
    """The date that counts. Without a date nobody has announced an end."""

    on: date | None = None
    told_by: str = ""


def ending(*, own: date | None, of_base: date | None, profile: Profile) -> Ending:
    """Believe the provider's list first, then its word for the base, then our dated data."""
    for day, told_by in (
        (own, EndToldBy.MODEL),
        (of_base, EndToldBy.BASE),
        (profile.last_answers_date, EndToldBy.ANNOUNCEMENT),
    ):
        if day is not None:
            return Ending(day, told_by)
    return Ending()


def day_of(text: str | None) -> date | None:
    """Read a provider's date; what is not one says nothing."""
    try:
        return date.fromisoformat((text or "")[:10])
    except ValueError:
        return None
