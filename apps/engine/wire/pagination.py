"""Lists as OpenAI pages them: `after` an id, at most `limit`, and whether there is more."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from django.http import JsonResponse, QueryDict

from apps.engine.errors import Refusal

Row = TypeVar("Row", bound=Model)


async def page(
    rows: "QuerySet[Row]",
    query: QueryDict,
    write: Callable[[Row], dict[str, Any]],
    *,
    default: int = 20,
    maximum: int = 100,
    newest_first: bool = True,
) -> JsonResponse:
    """Answer with one page of rows, in the order in which they were made or the reverse."""
    limit = read_limit(query, default=default, maximum=maximum)
    if after := query.get("after"):
        key = await _key_of(rows, after)
        rows = rows.filter(pk__lt=key) if newest_first else rows.filter(pk__gt=key)
    ordered = rows.order_by("-pk" if newest_first else "pk")
    found = [row async for row in ordered[: limit + 1]]
    return JsonResponse(_list([write(row) for row in found[:limit]], has_more=len(found) > limit))


def read_limit(query: QueryDict, *, default: int, maximum: int) -> int:
    """Return the `limit` of a request, or refuse in OpenAI's words."""
    text = query.get("limit", str(default))
    try:
        limit = int(text)
    except ValueError:
        raise Refusal(
            f"Invalid type for 'limit': expected an integer, but got '{text}' instead.",
            param="limit",
            code="invalid_type",
        ) from None
    if limit < 1:
        raise _out_of_bounds("below minimum", ">= 1", limit, "integer_below_min_value")
    if limit > maximum:
        raise _out_of_bounds("above maximum", f"<= {maximum}", limit, "integer_above_max_value")
    return limit


def _out_of_bounds(side: str, bound: str, limit: int, code: str) -> Refusal:
    return Refusal(
        f"Invalid 'limit': integer {side} value. Expected a value {bound}, but got {limit}"
        " instead.",
        param="limit",
        code=code,
    )


async def _key_of(rows: "QuerySet[Row]", public_id: str) -> int:
    """Find where a page ended; the id must be one of the list's own."""
    key = await rows.filter(public_id=public_id).values_list("pk", flat=True).afirst()
    if key is None:
        raise Refusal(f"Invalid 'after': there is no '{public_id}' in this list.", param="after")
    return int(key)


def _list(data: list[dict[str, Any]], *, has_more: bool) -> dict[str, Any]:
    return {
        "object": "list",
        "data": data,
        "first_id": data[0]["id"] if data else None,
        "last_id": data[-1]["id"] if data else None,
        "has_more": has_more,
    }
