"""What *Test connection* does, whoever the provider is."""

from collections.abc import Awaitable, Callable, Sized

from django.utils.translation import gettext_noop as _

from apps.core.sentences import Sentence
from apps.providers.types import CheckResult, ProviderError, ProviderUnavailable


async def check(list_models: Callable[[], Awaitable[Sized]]) -> CheckResult:
    """Ask for the models: the cheapest question that needs a valid key. Never raises."""
    try:
        count = len(await list_models())
    except (ProviderError, ProviderUnavailable) as exc:
        return CheckResult(ok=False, message=exc.words)
    words = Sentence(_("The server answered. Models that it lists: %(count)d."), count=count)
    return CheckResult(ok=True, message=words, model_count=count)
