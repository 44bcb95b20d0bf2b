"""Rows of other tools → ours: ShareGPT, Alpaca, questions and answers, chosen and rejected (pure).

A row keeps every key that is not understood; nothing is thrown away here.
"""

from typing import Any

import orjson

from apps.datasets.check.findings import near_miss
from apps.datasets.recipes.roles import OTHER_NAMES, without
from apps.datasets.recipes.shapes import Data, at_key, mapped

CONVERSATIONS = ("conversations", "conversation", "dialogue", "dialog", "chat", "turns", "msgs")
SYSTEM_KEYS = ("system", "system_prompt")
ROLE_KEYS = ("from", "speaker", "sender", "author")
CONTENT_KEYS = ("value", "text", "message", "msg")
ASKED = ("instruction", "question", "query", "user", "human", "input")
ANSWERED = ("output", "response", "answer", "assistant", "gpt")
COMPLETIONS = (*ANSWERED, "reply", "target", "label")
PREFERENCE = {
    "preferred_completion": "preferred_output",
    "non_preferred_completion": "non_preferred_output",
    "chosen": "preferred_output",
    "rejected": "non_preferred_output",
}

OURS = {*PREFERENCE.values()}


def converted(data: Data) -> Data:
    """Return the row with our keys; the same object when it has them, or nobody can tell."""
    data = _lower_case(data)
    if "messages" in data:
        return _conversation(data)
    if not OURS.isdisjoint(data) and PREFERENCE.keys().isdisjoint(data):
        return data
    for understand in (_preference, _other_name, _gemini, _pair, _prompt_completion):
        if (new := understand(data)) is not None:
            return new
    return data


def _lower_case(data: Data) -> Data:
    """Write known keys small where that takes no other key's place."""
    known = {"messages", "prompt", "completion", "tools", "input", *CONVERSATIONS, *SYSTEM_KEYS}
    known |= {*ASKED, *COMPLETIONS, *PREFERENCE, *PREFERENCE.values()}
    if not any(key not in known and key.strip().lower() in known for key in data):
        return data
    new: Data = {}
    for key, value in data.items():
        small = key.strip().lower()
        is_free = small in known and small not in data and small not in new
        new[small if is_free else key] = value
    return new


def _other_name(data: Data) -> Data | None:
    """A conversation under another key, known or misspelled."""
    for key, value in data.items():
        is_one = key in CONVERSATIONS or near_miss(key, ("messages",))
        if is_one and (messages := _messages(value)) is not None:
            renamed = {("messages" if k == key else k): v for k, v in data.items()}
            return _conversation({**renamed, "messages": messages})
    return None


def _messages(value: Any) -> list[Any] | None:
    """A list of messages, also one that was written into a string."""
    if isinstance(value, str) and value.lstrip().startswith("["):
        try:
            value = orjson.loads(value)
        except orjson.JSONDecodeError:
            return None
    is_list = isinstance(value, list) and value and all(isinstance(m, dict) for m in value)
    return value if is_list else None


def _conversation(data: Data) -> Data:
    """Fix the keys of every message, and put a system prompt that stands beside them first."""
    data = at_key(data, "messages", lambda value: _messages(value) or value)
    data = at_key(data, "messages", _fixed_list)
    key = next((key for key in SYSTEM_KEYS if isinstance(data.get(key), str)), "")
    messages = data["messages"]
    if not key or not isinstance(messages, list) or _has_system(messages):
        return data
    first = [{"role": "system", "content": data[key]}] if data[key].strip() else []
    return {**without(data, key), "messages": [*first, *messages]}


def _has_system(messages: list[Any]) -> bool:
    return any(isinstance(m, dict) and m.get("role") == "system" for m in messages)


def _fixed_list(value: Any) -> Any:
    if not isinstance(value, list):
        return value
    return mapped(value, lambda m: _message(m) if isinstance(m, dict) else m)


def _message(message: Data) -> Data:
    """Call the keys of a message role and content."""
    new: Data = {}
    for key, value in message.items():
        small = key.strip().lower()
        meant = _meant(small, message)
        name = meant if meant and meant not in message and meant not in new else key
        is_alias = name == "role" and small in ROLE_KEYS and isinstance(value, str)
        new[name] = OTHER_NAMES.get(value.strip().lower(), value) if is_alias else value
    return message if list(new) == list(message) else new


def _meant(key: str, message: Data) -> str:
    if key in ROLE_KEYS:
        return "role"
    if key in CONTENT_KEYS and "tool_calls" not in message:
        return "content"
    known = ("role", "content", "weight", "name", "tool_calls", "tool_call_id")
    return key if key in known else near_miss(key, known[:2]).get("suggestion", "")


def _gemini(data: Data) -> Data | None:
    """Gemini calls messages contents, the assistant model, and has every text in a part."""
    contents = data.get("contents")
    if not isinstance(contents, list) or not contents:
        return None
    messages = [_from_parts(content, "user") for content in contents]
    if any(message is None for message in messages):
        return None
    system_key = next((k for k in ("systemInstruction", "system_instruction") if k in data), "")
    system = _from_parts(data[system_key], "system") if system_key else None
    rest = without(data, "contents", system_key if system else "")
    return {
        "messages": [*filter(None, [system and {**system, "role": "system"}]), *messages]
    } | rest


def _from_parts(content: Any, role: str) -> Data | None:
    parts = content.get("parts") if isinstance(content, dict) else None
    texts = [part.get("text") for part in parts or () if isinstance(part, dict)]
    if not isinstance(parts, list) or len(texts) < len(parts) or None in texts:
        return None
    role = content.get("role", role)
    return {"role": "assistant" if role == "model" else role, "content": "".join(map(str, texts))}


def _preference(data: Data) -> Data | None:
    """Chosen and rejected answers; the question is `prompt`, or `input`."""
    found = {key: PREFERENCE[key] for key in data if key in PREFERENCE}
    if not found:
        return None
    new = {found.get(key, key): value for key, value in data.items()}
    outputs = ("preferred_output", "non_preferred_output")
    asked = _shared_beginning(new) if "prompt" not in new and "input" not in new else 0
    if asked:
        new = {"input": {"messages": new["preferred_output"][:asked]}} | new
    for key in outputs:
        if key in new:
            new[key] = _fixed_list(_answers(new[key], skip=asked))
    if "prompt" in new and "input" not in new:
        asked_messages = _fixed_list(_as_messages(new["prompt"], "user"))
        new = {"input": {"messages": asked_messages}} | without(new, "prompt")
    return new


def _shared_beginning(data: Data) -> int:
    """How many messages two whole conversations have in common (the question stands in both)."""
    both = [data.get("preferred_output"), data.get("non_preferred_output")]
    if not all(isinstance(value, list) and len(value) > 1 for value in both):
        return 0
    pairs = zip(*(value[:-1] for value in both if isinstance(value, list)), strict=False)
    count = 0
    for one, other in pairs:
        if one != other:
            break
        count += 1
    return count


def _answers(value: Any, *, skip: int) -> Any:
    return value[skip:] if isinstance(value, list) else _as_messages(value, "assistant")


def _as_messages(value: Any, role: str) -> Any:
    return [{"role": role, "content": value}] if isinstance(value, str) else value


def _pair(data: Data) -> Data | None:
    """A question under one key and its answer under another (Alpaca and its kind) → chat."""
    asked = next((key for key in ASKED if isinstance(data.get(key), str)), "")
    answered = next((k for k in ANSWERED if k != asked and isinstance(data.get(k), str)), "")
    if not asked or not answered or "prompt" in data or "completion" in data:
        return None
    used = [asked, answered]
    question = data[asked]
    if asked == "instruction" and isinstance(data.get("input"), str):
        used.append("input")
        question = "\n\n".join(filter(None, (question, data["input"])))
    messages = [{"role": "user", "content": question}]
    messages.append({"role": "assistant", "content": data[answered]})
    return _conversation({"messages": messages} | without(data, *used))


def _prompt_completion(data: Data) -> Data | None:
    """Misspelled, or with the answer under another name."""
    new = _renamed(data, "prompt", ())
    if "prompt" in new:
        new = _renamed(new, "completion", COMPLETIONS)
    return None if list(new) == list(data) else new


def _renamed(data: Data, wanted: str, others: tuple[str, ...]) -> Data:
    """Call the first text with another name, or a misspelled one, by its right name."""
    if wanted in data:
        return data
    named = (key for key, value in data.items() if isinstance(value, str))
    meant = next((key for key in named if key in others or near_miss(key, (wanted,))), None)
    return data if meant is None else {(wanted if k == meant else k): v for k, v in data.items()}
