"""What the address of the list of models asks for. Nonsense asks for nothing."""

from dataclasses import dataclass
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _


class Shown(models.TextChoices):
    """Which rows of the library."""

    RESULTS = "", _("Models")
    CHECKPOINTS = "checkpoints", _("Checkpoints")
    ALL = "all", _("Models and checkpoints")
    DELETED = "deleted", _("Deleted at the provider")


class Order(models.TextChoices):
    NEWEST = "", _("Newest first")
    SOONEST_END = "end", _("Soonest end first")
    NAME = "name", _("By name")


@dataclass(frozen=True, slots=True)
class Filters:
    """The filters that make sense."""

    shown: str = Shown.RESULTS
    order: str = Order.NEWEST
    connection: UUID | None = None
    tag: str = ""
    search: str = ""

    @property
    def is_any(self) -> bool:
        return bool(self.shown or self.connection or self.tag or self.search)
