"""What addresses and forms hold: text that anybody may have typed, read without trust."""

from collections.abc import Mapping
from uuid import UUID, uuid4


def uuid_of(text: object) -> UUID | None:
    """Return the id that a text is; None for anything else."""
    try:
        return UUID(str(text))
    except ValueError:
        return None


def token_of(sent: Mapping[str, object], name: str = "form_token") -> UUID:
    """Return what makes a second press of a button do nothing; a form without one is its own."""
    return uuid_of(sent.get(name, "")) or uuid4()


def whole_of(text: str | None) -> int:
    """Return the number that a text is, as far as PostgreSQL counts; 0 for anything else."""
    return int(text[:18]) if text and text.isascii() and text.isdigit() else 0
