"""The form that comes back: fields by name → a draft (pure).

Nothing in it is trusted: ids are letters and digits, hidden lists are lists of strings or nothing.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from django.http import QueryDict

from apps.datasets.editing.drafts.draft import (
    ANSWERS_CALL,
    GROUPS,
    LEARNED,
    LONGEST_ROLE,
    PAIR,
    Card,
    Draft,
    Group,
)
from apps.datasets.editing.drafts.texts import Shape, Text, plain_lines

CARD_ID = re.compile(r"m\d{1,9}")
KINDS = (*GROUPS, "pair", "other")


def draft_from(post: QueryDict) -> Draft:
    """Read a whole form; whatever is not there is empty."""
    kind = post.get("kind", "")
    draft = Draft(kind if kind in KINDS else "other", rest=plain_lines(post.get("rest", "")))
    hidden = _hidden(post.get("keys", ""))
    draft.keys, draft.question_keys = _words(hidden.get("row")), _words(hidden.get("question"))
    there = _words(hidden.get("there"))
    for key in GROUPS.get(draft.kind, ()):
        ids = [id for id in post.getlist(f"{key}-cards") if CARD_ID.fullmatch(id)]
        cards = [_card(post, id) for id in dict.fromkeys(ids)]
        draft.groups.append(Group(key, cards, is_there=key in there))
    if draft.kind == "pair":
        draft.pair = {key: _text(post, key) for key in PAIR}
    return draft


def _card(post: QueryDict, id: str) -> Card:
    hidden = _hidden(post.get(f"{id}-hidden", ""))
    role = post.get(f"{id}-role", "")[:LONGEST_ROLE]
    return Card(
        id,
        role=role,
        content=_text(post, id, has_crlf=hidden.get("crlf") is True),
        name=post.get(f"{id}-name", ""),
        call_id=post.get(f"{id}-call", "") if role == ANSWERS_CALL else "",
        weight=_weight(post, id, role, hidden.get("weight")),
        rest=plain_lines(post.get(f"{id}-rest", "")),
        keys=_words(hidden.get("keys")),
        is_value=hidden.get("value") is True,
    )


def _weight(post: QueryDict, id: str, role: str, before: Any) -> int | None:
    """A message that is learned needs no weight; one that had a weight keeps having one."""
    if role != LEARNED:
        return None
    if not post.get(f"{id}-learn", ""):
        return 0
    return None if before is None else 1


def _text(post: QueryDict, name: str, *, has_crlf: bool = False) -> Text:
    shape = post.get(f"{name}-shape", Shape.TEXT)
    known = Shape(shape) if shape in list(Shape) else Shape.TEXT
    ends = has_crlf or bool(post.get(f"{name}-crlf", ""))
    return Text(known, plain_lines(post.get(f"{name}-text", "")), ends)


def _hidden(text: str) -> Mapping[str, Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _words(value: Any) -> list[str]:
    return [word for word in value if isinstance(word, str)] if isinstance(value, list) else []
