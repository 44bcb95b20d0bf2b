"""What the SDK raises, turned into our two errors."""

from collections.abc import Iterator
from contextlib import contextmanager

import openai
from django.utils.translation import gettext_noop as _

from apps.core.sentences import Sentence
from apps.providers.adapters import errors
from apps.providers.types import ProviderError, ProviderUnavailable


class SDKTranslator(errors.Translator):
    """Knows the exceptions of OpenAI's SDK too."""

    __slots__ = ()

    @contextmanager
    def errors(self) -> Iterator[None]:
        """Let nothing out but ProviderError and ProviderUnavailable."""
        with super().errors():
            try:
                yield
            except openai.APIStatusError as exc:
                raise self.refused(exc.status_code, exc.body, exc.response.headers) from None
            except openai.APIConnectionError as exc:
                raise self.from_network(exc.__cause__ or exc) from None
            except openai.OpenAIError as exc:
                raise ProviderError(self.clean(str(exc))) from None

    def garbage(self) -> ProviderUnavailable:
        """Return the error for an answer that is not what OpenAI's API promises."""
        words = _("The server at %(origin)s sent an answer that is not OpenAI's format.")
        return ProviderUnavailable(Sentence(words, origin=self.origin))
