"""The ways to train, as a form offers them: what each is for, and why one is not there (pure)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.datasets.models import Version
from apps.datasets.trainability import method_for
from apps.providers.profiles import Profile
from apps.providers.types import Method

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

ABOUT: dict[Method, "StrPromise"] = {
    Method.SUPERVISED: gettext_lazy("Learns to answer as your examples do."),
    Method.DPO: gettext_lazy("Learns which of two answers is the better one."),
    Method.REINFORCEMENT: gettext_lazy(
        "Tries answers of its own; a grader says how good each one is."
    ),
}
NEEDS: dict[Method, "StrPromise"] = {
    Method.SUPERVISED: gettext_lazy("Needs chats, or prompts and completions."),
    Method.DPO: gettext_lazy("Needs preference rows."),
    Method.REINFORCEMENT: gettext_lazy(
        "Needs reinforcement rows, validation data too, and a grader."
    ),
}


@dataclass(frozen=True, slots=True)
class MethodChoice:
    """One method on the form."""

    value: Method
    about: "StrPromise"
    needs: "StrPromise"
    why_not: str  # empty where the provider offers it
    is_chosen: bool
    is_confirmed: bool = True  # False where nobody knows whether the provider has it

    @property
    def label(self) -> str:
        return str(self.value.label)


def choices(profile: Profile | None, chosen: Method) -> Iterator[MethodChoice]:
    """Yield all methods; those that this provider does not offer come with the reason."""
    for method in Method:
        why_not = profile.why_not(method) if profile else ""
        is_confirmed = profile is None or method not in profile.capabilities.unconfirmed
        about, needs, is_chosen = ABOUT[method], NEEDS[method], method == chosen
        yield MethodChoice(method, about, needs, why_not, is_chosen, is_confirmed)


def mismatch(method: Method, training_data: Version) -> str:
    """Say that this method does not learn from these rows; empty when it does."""
    fitting = method_for(training_data.format)
    if fitting == method:
        return ""
    words = _(
        "“%(name)s” holds rows of the kind “%(kind)s”. They are learned from by the "
        "method “%(fitting)s”, not by “%(method)s”."
    )
    return words % {
        "name": training_data.title,
        "kind": training_data.get_format_display(),
        "fitting": fitting.label,
        "method": method.label,
    }
