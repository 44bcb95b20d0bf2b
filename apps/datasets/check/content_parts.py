"""The rules for content that is a list of parts: text and images (pure)."""

from typing import Any

from apps.datasets.check import images as picture
from apps.datasets.check.dialects import meant_role
from apps.datasets.check.findings import Findings, extra_keys, found, kind_of, near_miss, require

PART_TYPES = ("text", "image_url", "refusal")
DETAILS = ("auto", "low", "high")


def parts_findings(parts: list[Any], role: Any, path: str, *, images: bool) -> Findings:
    """Say everything that is wrong with a list of content parts."""
    if not parts:
        yield found("empty_list", path)
    for index, part in enumerate(parts):
        yield from _part_findings(part, role, f"{path}[{index}]", images=images)


def image_findings(messages: list[dict[str, Any]], path: str) -> Findings:
    """Count the images of a whole conversation."""
    count = sum(
        1
        for message in messages
        if isinstance(content := message.get("content"), list)
        for part in content
        if isinstance(part, dict) and part.get("type") == "image_url"
    )
    if count > picture.MOST:
        yield found("too_many_images", path, count=count, limit=picture.MOST)
    elif count > picture.MANY:
        yield found("many_images", path, count=count, limit=picture.MANY)


def _part_findings(part: Any, role: Any, path: str, *, images: bool) -> Findings:
    if not isinstance(part, dict):
        yield from require(part, dict, path)
        return
    kind = part.get("type")
    if kind == "image_url" and not images:
        yield found("image_compared", path)
    elif kind == "image_url":
        yield from _image_findings(part, role, path)
    elif kind in ("text", "refusal"):
        yield from _string_part(part, str(kind), path)
    elif "type" not in part:
        yield found("missing_key", path, key="type")
    else:
        value = str(kind)
        allowed = ", ".join(PART_TYPES)
        meant = near_miss(value, PART_TYPES)
        yield found("bad_value", f"{path}.type", value=value, allowed=allowed, **meant)


def _string_part(part: dict[str, Any], key: str, path: str) -> Findings:
    yield from extra_keys(part, ("type", key), path)
    if key not in part:
        yield found("missing_key", path, key=key)
    else:
        yield from require(part[key], str, f"{path}.{key}")
        if part[key] == "":
            yield found("empty_content", f"{path}.{key}")
        elif isinstance(part[key], str) and "\0" in part[key]:
            yield found("nul_character", f"{path}.{key}")


def _image_findings(part: dict[str, Any], role: Any, path: str) -> Findings:
    if meant_role(role) != "user":
        yield found("image_not_user", path)
    yield from extra_keys(part, ("type", "image_url"), path)
    image = part.get("image_url")
    place = f"{path}.image_url"
    if not isinstance(image, dict):
        yield found("wrong_type", place, expected="object", found=kind_of(image))
        return
    yield from extra_keys(image, ("url", "detail"), place)
    yield from _url_findings(image, place)
    detail = image.get("detail", "auto")
    if detail not in DETAILS:
        allowed = ", ".join(DETAILS)
        yield found("bad_value", f"{place}.detail", value=str(detail), allowed=allowed)


def _url_findings(image: dict[str, Any], path: str) -> Findings:
    url = image.get("url")
    if "url" not in image:
        yield found("missing_key", path, key="url")
    elif not isinstance(url, str):
        yield from require(url, str, f"{path}.url")
    else:
        yield from picture.address_findings(url, f"{path}.url")
