"""Reads the parameters of a JSON request, one by one, and says in words what is wrong."""

from collections.abc import Collection, Mapping
from http import HTTPStatus
from typing import Any

import orjson
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest

from apps.engine.errors import Refusal

Json = Mapping[str, Any]

TYPE_NAMES: dict[type, str] = {
    str: "a string",
    int: "an integer",
    float: "a decimal",
    bool: "a boolean",
    list: "an array",
    dict: "an object",
    type(None): "null",
}


def read_body(request: HttpRequest) -> Json:
    """Return the JSON object that a request carries."""
    if request.content_type != "application/json":
        raise Refusal(
            f"Unsupported content type: '{request.content_type}'. This API method only accepts"
            " 'application/json' requests.",
            status=HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            code="unsupported_content_type",
        )
    try:
        body = orjson.loads(request.body)
    except RequestDataTooBig:
        raise too_large("The request body is larger than 2 MB.") from None
    except orjson.JSONDecodeError:
        raise Refusal("We could not parse the JSON body of your request.") from None
    if not isinstance(body, dict):
        raise Refusal("The JSON body of your request must be an object.")
    return body


def too_large(message: str) -> Refusal:
    return Refusal(message, status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE, code="request_too_large")


def refuse_unknown(body: Json, known: Collection[str], *, within: str = "") -> None:
    """Refuse parameters that this call does not have, as OpenAI does."""
    for name in body:
        if name not in known:
            raise Refusal(
                f"Unknown parameter: '{within}{name}'.",
                param=f"{within}{name}",
                code="unknown_parameter",
            )


def required_text(body: Json, name: str) -> str:
    """Return a parameter that must be there and be text."""
    text = optional_text(body, name)
    if not text:
        raise Refusal(
            f"Missing required parameter: '{name}'.", param=name, code="missing_required_parameter"
        )
    return text


def optional_text(body: Json, name: str, *, longest: int | None = None) -> str:
    """Return a text, "" when it is not given or null."""
    value = body.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise wrong_type(name, "a string", value)
    if "\0" in value:  # PostgreSQL keeps every character but this one
        raise Refusal(f"Invalid '{name}': it contains a NUL character.", param=name)
    if longest is not None and len(value) > longest:
        raise Refusal(
            f"Invalid '{name}': string too long. Expected a string with maximum length {longest},"
            f" but got a string with length {len(value)} instead.",
            param=name,
            code="string_above_max_length",
        )
    return value


def optional_integer(body: Json, name: str, *, least: int, most: int) -> int | None:
    """Return a whole number within bounds; None when it is not given or null."""
    value = body.get(name)
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool):
        raise wrong_type(name, "an integer", value)
    if not least <= value <= most:
        raise _out_of_range(name, "integer", least, most, value)
    return value


def optional_number(body: Json, name: str, *, least: float, most: float, default: float) -> float:
    """Return a number within bounds; the default when it is not given or null."""
    value = body.get(name)
    if value is None:
        return default
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise wrong_type(name, "a decimal", value)
    if not least <= value <= most:
        raise _out_of_range(name, "decimal", least, most, value)
    return float(value)


def optional_flag(body: Json, name: str) -> bool:
    """Return a yes or no; no when it is not given or null."""
    value = body.get(name)
    if value is not None and not isinstance(value, bool):
        raise wrong_type(name, "a boolean", value)
    return bool(value)


def optional_object(body: Json, name: str) -> Json:
    """Return an object; an empty one when it is not given or null."""
    value = body.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise wrong_type(name, "an object", value)
    return value


def wrong_type(name: str, expected: str, value: object) -> Refusal:
    got = TYPE_NAMES.get(type(value), "something else")
    return Refusal(
        f"Invalid type for '{name}': expected {expected}, but got {got} instead.",
        param=name,
        code="invalid_type",
    )


def _out_of_range(name: str, kind: str, least: float, most: float, value: float) -> Refusal:
    is_below = value < least
    side, bound = (
        ("below minimum", f">= {least}")
        if is_below
        else (
            "above maximum",
            f"<= {most}",
        )
    )
    return Refusal(
        f"Invalid '{name}': {kind} {side} value. Expected a value {bound}, but got {value}"
        " instead.",
        param=name,
        code=f"{kind}_{'below_min' if is_below else 'above_max'}_value",
    )
