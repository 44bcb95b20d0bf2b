"""The settings of steps: what each may be, and one sentence when it is not (pure)."""

from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

LONGEST_TEXT = 20_000


class StepError(Exception):
    """A setting that makes no sense. `field` names it, `place` the step in the recipe (0-based)."""

    def __init__(self, message: str, field: str = "", place: int | None = None) -> None:
        super().__init__(message)
        self.message, self.field, self.place = message, field, place


@dataclass(frozen=True, slots=True)
class Param:
    """One setting of a step, as a form shows it and as a recipe keeps it.

    Kinds: "text" (one line), "long" (several lines), "number", "share" (0 to 1), "choice", "flag",
    "names" (a list of words; typed with commas between them).
    """

    name: str
    label: Any
    kind: str = "text"
    default: Any = ""
    choices: tuple[tuple[str, Any], ...] = ()
    is_required: bool = False
    minimum: float = 0
    maximum: float = 1e12
    help: Any = ""
    placeholder: Any = field(default="")

    def read(self, value: Any) -> Any:
        """Return the value as the step uses it; StepError when it cannot be used."""
        value = getattr(self, f"_{self.kind}")(value)
        if self.is_required:
            self.demand(value)
        return value

    def demand(self, value: Any) -> None:
        """Say that a setting is needed when it is empty."""
        if value in ("", None, [], ()):
            raise StepError(_("Fill this in."), self.name)

    def _text(self, value: Any) -> str:
        if not isinstance(value, str):
            raise StepError(_("This must be a text."), self.name)
        if "\0" in value:
            raise StepError(_("The character U+0000 cannot be used here."), self.name)
        if len(value) > LONGEST_TEXT:
            limit = f"{LONGEST_TEXT:,}"
            raise StepError(_("Use at most %(limit)s characters.") % {"limit": limit}, self.name)
        return value

    _long = _text

    def _choice(self, value: Any) -> str:
        if value not in [name for name, _label in self.choices]:
            raise StepError(_("Choose one of the list."), self.name)
        return str(value)

    def _flag(self, value: Any) -> bool:
        return value in (True, "true", "on", "1", 1)

    def _number(self, value: Any) -> int | None:
        number = self._limited(value)
        if number is not None and number != int(number):
            raise StepError(_("Use a whole number."), self.name)
        return None if number is None else int(number)

    def _share(self, value: Any) -> float | None:
        return self._limited(value)

    def _limited(self, value: Any) -> float | None:
        if value in ("", None):
            return None
        try:
            number = float(value)
        except (TypeError, ValueError, OverflowError):
            raise StepError(_("Use a number."), self.name) from None
        if isinstance(value, bool) or not self.minimum <= number <= self.maximum:
            words = _("Use a number from %(least)s to %(most)s.")
            limits = {"least": f"{self.minimum:g}", "most": f"{self.maximum:,.0f}"}
            raise StepError(words % limits, self.name)
        return number

    def _names(self, value: Any) -> list[str]:
        words = value.split(",") if isinstance(value, str) else value
        if not isinstance(words, (list, tuple)) or not all(isinstance(w, str) for w in words):
            raise StepError(_("Write words with commas between them."), self.name)
        return [word.strip() for word in map(self._text, words) if word.strip()]
