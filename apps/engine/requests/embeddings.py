"""What a request for vectors asks for, read and checked."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, cast

from apps.engine.errors import Refusal
from apps.engine.requests import parameters
from apps.engine.requests.parameters import Json
from apps.engine.tiny.model import ModelConfig

READ = ("dimensions", "encoding_format", "input", "model")
WITHOUT_EFFECT = ("user",)
MOST_TEXTS = 2048
MOST_BYTES_OF_TEXT = 8192
MOST_BYTES = 300_000
FORMATS = ("float", "base64")


@dataclass(frozen=True)
class EmbeddingRequest:
    model: str
    texts: Sequence[str]
    encoding: Literal["float", "base64"]

    @property
    def tokens(self) -> int:
        """Count the tokens; each is a byte."""
        return sum(map(_bytes, self.texts))


def read_embedding_request(body: Json) -> EmbeddingRequest:
    """Return which texts are to become vectors, or refuse with the first thing that is wrong."""
    parameters.refuse_unknown(body, (*READ, *WITHOUT_EFFECT))
    _refuse_other_dimensions(body)
    return EmbeddingRequest(
        model=parameters.required_text(body, "model"),
        texts=_read_texts(body),
        encoding=_read_encoding(body),
    )


def _read_texts(body: Json) -> Sequence[str]:
    given = body.get("input")
    texts = [given] if isinstance(given, str) else given
    if texts is None:
        raise Refusal(
            "Missing required parameter: 'input'.", param="input", code="missing_required_parameter"
        )
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise parameters.wrong_type("input", "a string or an array of strings", given)
    if not texts or not all(texts):
        raise _invalid("input cannot be empty.")
    _refuse_too_much(texts)
    return texts


def _refuse_too_much(texts: Sequence[str]) -> None:
    if len(texts) > MOST_TEXTS:
        raise _invalid(f"at most {MOST_TEXTS} texts in one request, but got {len(texts)}.")
    sizes = [_bytes(text) for text in texts]
    if max(sizes) > MOST_BYTES_OF_TEXT:
        raise _invalid(
            f"a text may have {MOST_BYTES_OF_TEXT} bytes, but one has {max(sizes)}.",
            code="context_length_exceeded",
        )
    if sum(sizes) > MOST_BYTES:
        raise _invalid(f"at most {MOST_BYTES} bytes in one request, but got {sum(sizes)}.")


def _read_encoding(body: Json) -> Literal["float", "base64"]:
    encoding = parameters.optional_text(body, "encoding_format") or "float"
    if encoding not in FORMATS:
        raise Refusal(
            f"Invalid value for 'encoding_format': '{encoding}'. Supported are 'float' and"
            " 'base64'.",
            param="encoding_format",
            code="invalid_value",
        )
    return cast(Literal["float", "base64"], encoding)


def _refuse_other_dimensions(body: Json) -> None:
    width = ModelConfig().width
    if body.get("dimensions") not in (None, width):
        raise Refusal(
            f"Invalid value for 'dimensions': the vectors of this model have {width} numbers.",
            param="dimensions",
            code="unsupported_value",
        )


def _invalid(words: str, *, code: str = "invalid_value") -> Refusal:
    return Refusal(f"Invalid 'input': {words}", param="input", code=code)


def _bytes(text: str) -> int:
    return len(text.encode("utf-8", "replace"))
