"""Which language a text is in, judged by py3langid on a sample (pure)."""

from functools import lru_cache
from typing import Any

FEWEST_CHARACTERS = 24  # below this the answer is a guess
LONGEST_LOOKED_AT = 300


@lru_cache
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


LEAST_SURE = 0.8


def language_of(text: str) -> str:
    """Return an ISO 639-1 code; empty when the text is too short or may be several."""
    text = text[:LONGEST_LOOKED_AT].strip()
    if len(text.encode(errors="replace")) < FEWEST_CHARACTERS:
        return ""
    code, share = _identifier().classify(text)
    return str(code) if share >= LEAST_SURE else ""
