"""Conversations inside one cell, in the shapes that people keep them in (pure)."""

from collections.abc import Collection, Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any

import orjson

from apps.datasets.sources.literals import literal

# ShareGPT's words and their like, for what OpenAI calls role and content.
ROLES = {"human": "user", "gpt": "assistant", "chatgpt": "assistant", "bot": "assistant"}
ROLES |= {"model": "assistant", "ai": "assistant", "observation": "tool"}
# Who says what: ShareGPT, and the chats that Claude exports.
SPOKEN = (("from", "value"), ("sender", "text"))
SAID = ("text", "multimodal_text")  # kinds of ChatGPT's messages that people see
SPEAKERS = ("user", "assistant")
TO_ALL = (None, "all")


def parsed(cell: Any) -> Any:
    """Read a cell that holds JSON, or what Python made of it; other cells stay as they are."""
    if not isinstance(cell, str) or cell.lstrip()[:1] not in ("[", "{"):
        return cell
    try:
        return orjson.loads(cell)
    except orjson.JSONDecodeError:
        return _printed(cell)


def _printed(cell: str) -> Any:
    """Read what pandas writes into a CSV; only what can be JSON again counts."""
    try:
        return orjson.loads(orjson.dumps(literal(cell)))
    except (ValueError, TypeError):
        return cell


def messages_in(cell: Any) -> list[dict[str, Any]]:
    """Return the messages that a cell holds; empty when it holds none."""
    value = parsed(cell)
    if isinstance(value, dict):
        value = value.get("messages", value.get("conversations")) or _exported(value)
    if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
        return []
    return [_message(entry) for entry in value] if all(map(_is_message, value)) else []


def _is_message(entry: dict[str, Any]) -> bool:
    return "role" in entry or any(set(pair) <= entry.keys() for pair in SPOKEN)


def _message(entry: dict[str, Any]) -> dict[str, Any]:
    if "role" in entry:
        return entry
    who, what = next(pair for pair in SPOKEN if set(pair) <= entry.keys())
    speaker = entry[who]
    role = ROLES.get(speaker, speaker) if isinstance(speaker, str) else speaker
    if who == "sender":  # beside the words stand ids and times, which no example has
        return {"role": role, "content": entry[what]}
    rest = {key: value for key, value in entry.items() if key not in (who, what)}
    return {"role": role, "content": entry[what], **rest}


def _exported(nodes: dict[str, Any]) -> list[dict[str, Any]]:
    """Read a chat as ChatGPT exports it: a tree, whose newest branch is the one that was kept."""
    said = filter(None, (_said_in(node.get("message")) for node in _newest_branch(nodes)))
    return [  # between two of the same role, a tool has worked
        {"role": role, "content": "\n\n".join(text for _role, text in turn)}
        for role, turn in groupby(said, key=itemgetter(0))
    ]


def _newest_branch(nodes: dict[str, Any]) -> Iterator[dict[str, Any]]:
    tree: dict[str | None, Any] = {name: node for name, node in nodes.items() if _is_node(node)}
    if len(tree) != len(nodes):
        return
    name = next((name for name, node in tree.items() if not _has_parent(node, tree)), None)
    while node := tree.pop(name, None):  # each once, should the tree bite its tail
        yield node
        children = [child for child in node["children"] if isinstance(child, str)]
        name = children[-1] if children else None


def _has_parent(node: dict[str, Any], tree: Collection[str | None]) -> bool:
    parent = node.get("parent")
    return isinstance(parent, str) and parent in tree


def _is_node(node: Any) -> bool:
    return isinstance(node, dict) and "message" in node and isinstance(node.get("children"), list)


def _said_in(message: Any) -> tuple[str, str] | None:
    """Return who said what a person saw; None of thoughts, searches and empty beginnings."""
    if not isinstance(message, dict) or message.get("recipient") not in TO_ALL:
        return None
    author, content = message.get("author"), message.get("content")
    if not isinstance(author, dict) or not isinstance(content, dict):
        return None
    parts = content.get("parts")
    if author.get("role") not in SPEAKERS or content.get("content_type") not in SAID:
        return None
    texts = [part for part in parts if isinstance(part, str)] if isinstance(parts, list) else []
    text = "\n\n".join(filter(None, map(str.strip, texts)))
    return (author["role"], text) if text else None


def text_of(cell: Any) -> str:
    """Write a cell as the text of a message."""
    if isinstance(cell, str):
        return cell
    return orjson.dumps(cell, default=str).decode()
