"""Vectors of texts: each text is sent once, however many answers are compared with it."""

import hashlib
from array import array
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from asgiref.sync import sync_to_async
from django.core.cache import cache
from django.utils.translation import gettext_noop as _

from apps.core.sentences import Sentence
from apps.providers.types import Provider, ProviderError

KEPT_SECONDS = 60 * 60
OTHER_VECTORS = _("The model sent another number of vectors than it was asked for.")
Vector = Sequence[float]


@dataclass(frozen=True, slots=True)
class Told:
    """A vector for each text, and how many tokens had to be paid for."""

    by_text: Mapping[str, Vector]
    prompt_tokens: int


@dataclass(frozen=True, slots=True)
class Asker:
    """One model of one connection that makes vectors. Losing what is kept costs tokens only."""

    provider: Provider
    connection_id: int
    model: str

    async def vectors_of(self, *, expected: Sequence[str], answers: Sequence[str]) -> Told:
        """Return a vector for each text; those of expected ones are kept for other answers.

        Raises ProviderError or ProviderUnavailable.
        """
        keys = {text: self._key(text) for text in expected}
        kept = await sync_to_async(cache.get_many)(list(keys.values()))
        known = {text: _read(kept[key]) for text, key in keys.items() if key in kept}
        missing = [text for text in dict.fromkeys((*expected, *answers)) if text not in known]
        if not missing:
            return Told(known, 0)
        told = await self.provider.embed(self.model, missing)
        if len(told.vectors) != len(missing):
            raise ProviderError(Sentence(OTHER_VECTORS))
        new = {text: array("f", each) for text, each in zip(missing, told.vectors, strict=True)}
        fresh = {key: _written(new[text]) for text, key in keys.items() if text in new}
        await sync_to_async(cache.set_many)(fresh, timeout=KEPT_SECONDS)
        return Told({**known, **new}, told.prompt_tokens or 0)

    def _key(self, text: str) -> str:
        facts = f"{self.connection_id} {self.model} {text}"
        return f"evals.vector.{hashlib.sha256(facts.encode(errors='replace')).hexdigest()}"


def _written(vector: "array[float]") -> str:
    return b64encode(vector.tobytes()).decode()


def _read(kept: str) -> "array[float]":
    return array("f", b64decode(kept))
